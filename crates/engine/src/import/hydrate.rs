//! Hydrates parts: the client fetches the details that thin rows lack while the next part is read.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use super::context::RunContext;
use super::divide::{Part, Place};
use super::in_hand::{Held, InHand};
use super::window::OpenWindow;
use crate::source::{Hydrated, Row, StoredTickets, Window};

/// A part whose details are being fetched; dropping it aborts the requests.
pub(super) type HydratingPart = AbortOnDropHandle<HydratedPart>;

/// A part with its details, ready to be stored.
pub(super) struct HydratedPart {
    /// Position of the window that holds the part.
    pub(super) window: i32,
    pub(super) plan: Window,
    pub(super) hydrated: Hydrated,
    pub(super) place: Place,
    pub(super) held: Held,
    /// What the run has in hand.
    pub(super) in_hand: InHand,
}

/// Limit of thin rows that wait for their details. More rows would only wait longer, and be read in vain if the run
/// ends.
pub(super) struct Room {
    places: Arc<Semaphore>,
    rows: usize,
}

impl Room {
    pub(super) fn new(rows: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(rows)),
            rows,
        }
    }

    /// Waits until there is room for the rows; for more rows than the limit, until all room is free.
    async fn take(&self, rows: usize) -> OwnedSemaphorePermit {
        let places = u32::try_from(rows.min(self.rows)).unwrap_or(u32::MAX);
        let taken = self.places.clone().acquire_many_owned(places).await;
        taken.expect("never closed")
    }
}

/// Waits for room and starts to hydrate a part.
pub(super) async fn hydrate(
    context: &RunContext<'_>,
    window: &OpenWindow,
    part: Part,
    (room, in_hand): (&Room, &InHand),
) -> HydratingPart {
    let thin = part.rows.iter().filter(|row| row.is_thin()).count();
    let places = tokio::select! {
        places = room.take(thin) => Some(places),
        // The client sends no further request, so the rows go into the checkpoint.
        () = context.stop.soft.cancelled() => None,
    };
    let (client, in_hand) = (context.client.reading_ahead(), in_hand.clone());
    let (window, plan) = (window.position, window.plan.clone());
    let Part {
        rows,
        stored,
        place,
        held_bytes,
    } = part;
    let held = in_hand.hold(held_bytes);
    let hydrating = async move {
        let hydrated = client.hydrate(plan.clone(), rows, stored).await;
        drop(places);
        HydratedPart::new((window, plan), hydrated, place, (held, in_hand))
    };
    AbortOnDropHandle::new(tokio::spawn(hydrating.in_current_span()))
}

/// Reads a row alone whose ticket is too large to be read while others are; it was at this place.
pub(super) async fn hydrate_alone(
    context: &RunContext<'_>,
    window: (i32, Window),
    row: Row,
    (place, in_hand): (Place, InHand),
) -> HydratedPart {
    let hydrated = context
        .client
        .hydrate(window.1.clone(), vec![row], StoredTickets::new())
        .await;
    let nothing = in_hand.hold(0);
    HydratedPart::new(window, hydrated, place, (nothing, in_hand))
}

impl HydratedPart {
    fn new(
        (window, plan): (i32, Window),
        hydrated: Hydrated,
        place: Place,
        (before, in_hand): (Held, InHand),
    ) -> Self {
        let held = in_hand.hold(hydrated.held_bytes());
        drop(before);
        Self {
            window,
            plan,
            hydrated,
            place,
            held,
            in_hand,
        }
    }

    /// Returns whether tickets of this part are too large to be read while others are.
    pub(super) fn has_large(&self) -> bool {
        !self.hydrated.large.is_empty()
    }

    /// Returns the rows whose details could not be read, as JSON.
    pub(super) fn rows_left(&self) -> impl Iterator<Item = String> {
        self.hydrated.left.iter().map(Row::json_to_resume)
    }
}
