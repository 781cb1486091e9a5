//! The body of a response, which tells when the connection waits for its client again.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use crate::api::http::activity::Activity;

/// A body whose connection idles once it is sent or cancelled.
pub(super) struct ResponseBody {
    body: Body,
    activity: Activity,
}

impl ResponseBody {
    pub(super) fn new(body: Body, activity: Activity) -> Self {
        Self { body, activity }
    }
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if frame.is_pending() {
            self.activity.waits_for_client();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        self.activity.idles();
    }
}
