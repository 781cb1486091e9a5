//! What people write to an IT service desk. A word in braces is a slot that `invent` fills.

/// One recurring problem.
pub(super) struct Topic {
    /// Index into the directory's categories.
    pub(super) category: u8,
    pub(super) subjects: &'static [&'static str],
    pub(super) symptoms: &'static [&'static str],
    pub(super) remedies: &'static [&'static str],
}

/// What a slot can stand for.
pub(super) fn slot_values(slot: &str) -> &'static [&'static str] {
    match slot {
        "app" => &[
            "Outlook",
            "Teams",
            "Excel",
            "SAP GUI",
            "AutoCAD",
            "Citrix Receiver",
            "Acrobat",
            "the CRM client",
        ],
        "code" => &[
            "809",
            "0x80070035",
            "0x8004010F",
            "ORA-12541",
            "503",
            "691",
            "E_FAIL",
            "0x0000011b",
        ],
        "place" => &[
            "Building 7",
            "the third floor",
            "the Leeds office",
            "warehouse B",
            "the R&D lab",
            "reception",
        ],
        "version" => &["5.1", "5.2.4", "16.0.17231", "2024.1", "11.3 SP2", "7.80"],
        "when" => &[
            "since this morning",
            "after the last update",
            "every hour",
            "since Monday",
            "once or twice a day",
        ],
        "person" => &[
            "Ada", "Grace", "Linus", "Barbara", "Ken", "Radia", "Edsger", "Frances",
        ],
        "server" => &["FS-02", "PRINT-11", "EXCH-03", "SQL-PROD-4", "VPN-GW-1", "TS-07"],
        "device" => &[
            "a Dell Latitude 7440",
            "a ThinkPad T14",
            "an HP EliteDesk",
            "an iPhone 14",
            "a Surface Pro",
        ],
        _ => &[],
    }
}

pub(super) const GREETINGS: &[&str] = &[
    "Hi team,",
    "Hello,",
    "Good morning,",
    "Dear service desk,",
    "Hi all,",
];
pub(super) const CLOSINGS: &[&str] = &[
    "Thanks",
    "Best regards",
    "Thank you & regards",
    "Cheers",
    "Kind regards",
];
pub(super) const ASIDES: &[&str] = &[
    "I have already restarted the machine twice, no change.",
    "A colleague at the next desk has the same problem.",
    "It's urgent: we have a customer call at 14:00.",
    "It worked fine with version {version}.",
    "My machine is {device}, asset tag {number}.",
    "Please call me on extension {number} before you connect.",
    "The message says \"operation failed, error {code}\".",
    "This happens only in {place}, not at home.",
    "I'm working from home {when}.",
    "Screenshot attached.",
];
pub(super) const CONFIRMATIONS: &[&str] = &[
    "{person} confirmed by phone.",
    "User tested it & confirmed.",
    "Monitored for two days, no recurrence.",
    "Knowledge article KB{number} updated.",
];

/// Every topic.
pub(super) const TOPICS: &[Topic] = &[
    Topic {
        category: 0,
        subjects: &[
            "VPN drops {when}",
            "VPN error {code} on connect",
            "Cannot reach {server} over VPN",
            "Remote access stopped working {when}",
        ],
        symptoms: &[
            "The VPN client shows error {code} and disconnects {when}.",
            "The tunnel comes up, but nothing behind {server} answers.",
            "After about {number} seconds the VPN client says the remote host closed the connection.",
        ],
        remedies: &[
            "MTU on the tunnel interface lowered to 1380.",
            "VPN client updated to {version}.",
            "Certificate on {server} renewed, profile pushed again.",
            "Split tunnelling rule for the new subnet added.",
        ],
    },
    Topic {
        category: 0,
        subjects: &[
            "No network in {place}",
            "Wi-Fi slow in {place}",
            "Wireless keeps asking for the password",
            "Network port dead, socket {number}",
        ],
        symptoms: &[
            "Nobody in {place} gets an IP address {when}.",
            "Wi-Fi shows full signal, yet pages take a minute to load.",
            "The cable port shows no light at all.",
        ],
        remedies: &[
            "Switch port was err-disabled by a loop; cable removed, port reset.",
            "Access point in {place} replaced.",
            "DHCP scope extended by {number} addresses.",
            "RADIUS certificate renewed on {server}.",
        ],
    },
    Topic {
        category: 1,
        subjects: &[
            "Printer offline in {place}",
            "Printer prints blank pages",
            "Cannot add printer, error {code}",
            "Paper jam again, {place}",
        ],
        symptoms: &[
            "The printer shows offline although it is switched on.",
            "Jobs stay in the queue on {server} and never print.",
            "Adding the printer ends with error {code}.",
        ],
        remedies: &[
            "Print spooler on {server} restarted and stuck job deleted.",
            "Driver {version} rolled out by policy.",
            "Fuser unit replaced.",
            "Static address of the printer corrected.",
        ],
    },
    Topic {
        category: 1,
        subjects: &[
            "Laptop does not start",
            "Screen flickers {when}",
            "Docking station not recognised",
            "Battery empty after one hour",
        ],
        symptoms: &[
            "When I press the power button the light blinks {number} times and nothing else happens.",
            "The external screen goes black {when} and comes back.",
            "The dock charges the laptop, but keyboard and network are dead.",
        ],
        remedies: &[
            "Firmware of the docking station updated to {version}.",
            "Mainboard replaced under warranty.",
            "Graphics driver rolled back to {version}.",
            "Battery swapped, asset record updated.",
        ],
    },
    Topic {
        category: 2,
        subjects: &[
            "Password reset needed",
            "Account locked {when}",
            "Cannot sign in to {app}",
            "MFA prompt never arrives",
        ],
        symptoms: &[
            "My account gets locked {when} and I do not know why.",
            "{app} says my password has expired, changing it fails with {code}.",
            "The second factor prompt never shows up on my phone.",
        ],
        remedies: &[
            "Old password was stored on {device}; removed, account unlocked.",
            "Password reset and handed over after identity check.",
            "Second factor enrolled again.",
            "Cached credentials cleared in {app}.",
        ],
    },
    Topic {
        category: 2,
        subjects: &[
            "Access to folder on {server}",
            "Please add {person} to the finance group",
            "Permission denied in {app}",
            "New starter needs accounts",
        ],
        symptoms: &[
            "I need read & write access to the project share on {server}.",
            "{app} answers \"access denied\" since {person} moved to another team.",
            "A colleague starts on Monday in {place} and needs the usual accounts.",
        ],
        remedies: &[
            "Added to the security group; effective after sign-in.",
            "Owner approved, role assigned in {app}.",
            "Accounts created from template, welcome mail sent.",
            "Inheritance on the folder repaired.",
        ],
    },
    Topic {
        category: 3,
        subjects: &[
            "{app} crashes on start",
            "{app} hangs when saving",
            "Add-in missing in {app}",
            "Licence error {code} in {app}",
        ],
        symptoms: &[
            "{app} closes right after the splash screen {when}.",
            "Saving a file to {server} freezes {app} for {number} seconds.",
            "{app} reports that no licence is available, error {code}.",
        ],
        remedies: &[
            "Profile folder of {app} renamed, settings rebuilt.",
            "{app} repaired and updated to {version}.",
            "Licence service on {server} restarted.",
            "Conflicting add-in disabled.",
        ],
    },
    Topic {
        category: 3,
        subjects: &[
            "Report in {app} is wrong",
            "Job on {server} failed",
            "Database timeout, {code}",
            "Import into {app} stops at row {number}",
        ],
        symptoms: &[
            "The nightly job on {server} ended with {code}.",
            "The monthly report shows {number} rows where we expect twice as many.",
            "Every query from {app} runs into a timeout {when}.",
        ],
        remedies: &[
            "Statistics on {server} refreshed, plan back to normal.",
            "Tablespace extended, job run again by hand.",
            "Listener on {server} restarted.",
            "Filter of the report corrected; figures agreed with {person}.",
        ],
    },
    Topic {
        category: 4,
        subjects: &[
            "Mailbox full",
            "Mail to customers bounces",
            "Cannot open shared mailbox",
            "Calendar entries missing {when}",
        ],
        symptoms: &[
            "Mail to external addresses comes back with {code}.",
            "The shared mailbox has vanished from {app}.",
            "Meetings that {person} sends do not show up in my calendar.",
        ],
        remedies: &[
            "Auto-mapping of the shared mailbox set again.",
            "Quota raised and archive enabled.",
            "SPF record corrected, bounces stopped.",
            "Calendar cache rebuilt in {app}.",
        ],
    },
    Topic {
        category: 4,
        subjects: &[
            "Phone has no dial tone",
            "Headset silent in Teams",
            "Voicemail not delivered",
            "Meeting room screen dead, {place}",
        ],
        symptoms: &[
            "Callers hear me, but I hear nothing in the headset.",
            "The room system in {place} shows error {code}.",
            "The desk phone in {place} restarts {when}.",
        ],
        remedies: &[
            "Firmware {version} installed on the room system.",
            "PoE budget of the switch raised.",
            "Headset firmware updated, default device set.",
            "Voicemail route pointed back to {server}.",
        ],
    },
];
