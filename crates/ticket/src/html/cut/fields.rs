//! The fields of a mail's header by language, as mail programs show them. All names are in lower case.

/// A field of a mail's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    From,
    /// A field that only mails have, unlike a date.
    Sent,
    Date,
    To,
    Copy,
    Subject,
    /// A field of a mail's source or of a form. It does not introduce a quote.
    Foreign,
}

const FIELDS: [(Field, &[&str]); 7] = [
    (
        Field::From,
        &["from", "von", "de", "da", "van", "från", "fra", "od"],
    ),
    (
        Field::Sent,
        &[
            "sent",
            "gesendet",
            "envoyé",
            "envoyé le",
            "date d'envoi",
            "enviado",
            "enviado el",
            "enviado em",
            "enviada",
            "enviada em",
            "inviato",
            "verzonden",
            "skickat",
            "sendt",
            "wysłano",
        ],
    ),
    (Field::Date, &["date", "datum", "fecha", "data", "dato"]),
    (
        Field::To,
        &["to", "an", "à", "para", "a", "aan", "till", "til", "do"],
    ),
    (Field::Copy, &["cc", "bcc", "kopie", "kopia", "kopi"]),
    (
        Field::Subject,
        &[
            "subject",
            "betreff",
            "objet",
            "asunto",
            "assunto",
            "oggetto",
            "onderwerp",
            "ämne",
            "emne",
            "temat",
        ],
    ),
    (
        Field::Foreign,
        &[
            "message-id",
            "received",
            "return-path",
            "mime-version",
            "content-type",
            "reply-to",
            "in-reply-to",
            "references",
            "dkim-signature",
            "authentication-results",
            "delivered-to",
            "message",
            "nachricht",
            "mensaje",
            "mensagem",
            "messaggio",
            "bericht",
            "description",
            "beschreibung",
            "comment",
            "comments",
            "phone",
            "telefon",
            "name",
        ],
    ),
];

/// Returns the field with a name.
pub(super) fn field(name: &str) -> Option<Field> {
    let name = name.to_lowercase();
    if name.starts_with("x-") {
        return Some(Field::Foreign);
    }
    FIELDS
        .iter()
        .find(|(_, names)| names.contains(&name.as_str()))
        .map(|(field, _)| *field)
}
