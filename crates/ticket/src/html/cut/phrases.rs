//! Phrases that mail programs write around a quote or a signature, by language. All are in lower case.

/// Separators above a quoted mail.
const ORIGINAL: [&str; 17] = [
    "original message",
    "original appointment",
    "ursprüngliche nachricht",
    "ursprünglicher termin",
    "original-nachricht",
    "originalnachricht",
    "message d'origine",
    "message original",
    "mensaje original",
    "mensagem original",
    "messaggio originale",
    "oorspronkelijk bericht",
    "origineel bericht",
    "oprindelig meddelelse",
    "opprinnelig melding",
    "ursprungligt meddelande",
    "wiadomość oryginalna",
];

/// Returns whether a phrase introduces the previous mail.
pub(super) fn is_original(phrase: &str) -> bool {
    is_one_of(phrase, &ORIGINAL)
}

/// Separators above a forwarded mail.
const FORWARDED: [&str; 19] = [
    "forwarded message",
    "begin forwarded message",
    "weitergeleitete nachricht",
    "anfang der weitergeleiteten nachricht",
    "anfang der weitergeleiteten e-mail",
    "message transféré",
    "message transmis",
    "début du message transféré",
    "début du message réexpédié",
    "mensaje reenviado",
    "inicio del mensaje reenviado",
    "mensagem encaminhada",
    "mensagem reencaminhada",
    "início da mensagem encaminhada",
    "início da mensagem reencaminhada",
    "messaggio inoltrato",
    "inizio messaggio inoltrato",
    "doorgestuurd bericht",
    "begin doorgestuurd bericht",
];

/// Returns whether a phrase introduces a forwarded mail.
pub(super) fn is_forwarded(phrase: &str) -> bool {
    is_one_of(phrase, &FORWARDED)
}

/// Maximum length of a phrase in the tables above; longer text needs no comparison.
const LONGEST: usize = 48;

fn is_one_of(phrase: &str, phrases: &[&str]) -> bool {
    if phrase.is_empty() || phrase.len() > LONGEST {
        return false;
    }
    let phrase = phrase.to_lowercase().replace('’', "'");
    phrases.contains(&phrase.as_str())
}

/// Attributions: first word, verb, and whether the verb is the last word. "On .. wrote:", "Am .. schrieb Ada:".
pub(super) const ATTRIBUTIONS: [(&str, &str, bool); 12] = [
    ("on", "wrote", true),
    ("am", "schrieb", false),
    ("le", "écrit", true),
    ("el", "escribió", true),
    ("em", "escreveu", true),
    ("a", "escreveu", true),
    ("no", "escreveu", true),
    ("il", "scritto", true),
    ("op", "schreef", false),
    ("den", "skrev", false),
    ("w", "napisał", false),
    ("dnia", "napisał", false),
];

/// Starts of lines that a telephone adds; the name of the device or program follows.
const SENT_FROM: [&str; 27] = [
    "sent from my ",
    "sent from outlook",
    "sent from mail for ",
    "sent from yahoo mail",
    "get outlook for ",
    "gesendet von meinem ",
    "gesendet von mail für ",
    "gesendet von outlook",
    "von meinem ",
    "von meiner ",
    "holen sie sich outlook für ",
    "outlook für ",
    "envoyé de mon ",
    "envoyé depuis mon ",
    "envoyé à partir de outlook",
    "obtenez outlook pour ",
    "télécharger outlook pour ",
    "enviado desde mi ",
    "obtener outlook para ",
    "enviado do meu ",
    "obter o outlook para ",
    "inviato da iphone",
    "inviato dal mio ",
    "scarica outlook per ",
    "verstuurd vanaf mijn ",
    "verzonden vanaf mijn ",
    "outlook voor ",
];

/// Ends that some of these lines need: "Von meinem Drucker .." may begin any sentence, "Von meinem iPhone gesendet"
/// is complete.
const ENDED: [(&str, &str); 4] = [
    ("von meinem ", " gesendet"),
    ("von meiner ", " gesendet"),
    ("outlook für ", " beziehen"),
    ("outlook voor ", " downloaden"),
];

/// Returns whether a line, in lower case and without its link, is one that a telephone adds.
pub(super) fn is_sent_from(line: &str) -> bool {
    let Some(begin) = SENT_FROM.iter().find(|begin| line.starts_with(*begin)) else {
        return false;
    };
    let end = ENDED.iter().find(|(start, _)| start == begin);
    let most_words = 6;
    line[begin.len()..].split_whitespace().count() <= most_words
        && end.is_none_or(|(_, end)| line.trim_end_matches('.').ends_with(end))
}
