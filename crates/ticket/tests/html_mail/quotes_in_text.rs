//! Quotes that lines of plain text introduce, by language.

use crate::cases::all_read;

#[test]
fn a_separator_begins_the_history() {
    all_read(&[
        (
            "separator",
            "Rebooted.\n\n-----Original Message-----\nFrom: Ada\nold",
            "Rebooted.",
        ),
        (
            "German",
            "Neu gestartet.\n\n-----Ursprüngliche Nachricht-----\nalt",
            "Neu gestartet.",
        ),
        (
            "French",
            "C'est réglé.\n-----Message d’origine-----\nvieux",
            "C'est réglé.",
        ),
        ("Spanish", "Listo.\n-----Mensaje original-----\nviejo", "Listo."),
        (
            "Portuguese",
            "Pronto.\n-----Mensagem original-----\nvelho",
            "Pronto.",
        ),
        (
            "Italian",
            "Fatto.\n-----Messaggio originale-----\nvecchio",
            "Fatto.",
        ),
        ("Dutch", "Klaar.\n-----Oorspronkelijk bericht-----\noud", "Klaar."),
        (
            "blanks",
            "Done.\n-------- Original Message --------\nold",
            "Done.",
        ),
    ]);
}

#[test]
fn a_header_begins_the_history() {
    all_read(&[
        (
            "header under a rule",
            "Done.\n\n________________________________\nFrom: Ada\nSent: today\nTo: Tom\nSubject: VPN\n\nold",
            "Done.",
        ),
        (
            "German header",
            "Fertig.\nVon: Ada\nGesendet: heute\nAn: Tom\nBetreff: VPN\nalt",
            "Fertig.",
        ),
        (
            "French header",
            "Fini.\nDe : Ada\nEnvoyé : hier\nÀ : Tom\nObjet : VPN\nvieux",
            "Fini.",
        ),
        (
            "Spanish header",
            "Listo.\nDe: Ada\nEnviado: hoy\nPara: Tom\nAsunto: VPN\nviejo",
            "Listo.",
        ),
        (
            "bold header",
            "Done.\n*From:* Ada\n*Date:* today\n*To:* Tom\n*Subject:* VPN\nold",
            "Done.",
        ),
    ]);
}

#[test]
fn an_attribution_begins_a_quote() {
    all_read(&[
        (
            "quote",
            "Fixed.\n\nOn Tue, 11 Mar 2025 at 10:00, Ada <ada@example.com> wrote:\n\n> old\n>\n> > older",
            "Fixed.",
        ),
        (
            "wrapped attribution",
            "Fixed.\n\nOn Tue, Mar 11, 2025 at 10:00 AM Ada Example\n<ada@example.com>\nwrote:\n> old",
            "Fixed.",
        ),
        (
            "German quote",
            "Geht.\nAm 11.03.2025 um 10:00 schrieb Ada Example:\n> alt",
            "Geht.",
        ),
        (
            "French quote",
            "Ok.\nLe 11 mars 2025 à 10:00, Ada a écrit :\n> vieux",
            "Ok.",
        ),
        (
            "Spanish quote",
            "Ok.\nEl 11 mar 2025, a las 10:00, Ada escribió:\n> viejo",
            "Ok.",
        ),
        (
            "signature below the quote",
            "Ok.\nOn 1 May 2025 Ada wrote:\n> old\n\n-- \nTom\nDesk",
            "Ok.",
        ),
        (
            "attribution in HTML",
            "<p>Fixed</p><p>On 1 May 2025 Ada wrote:</p><blockquote>old</blockquote>",
            "Fixed",
        ),
    ]);
}
