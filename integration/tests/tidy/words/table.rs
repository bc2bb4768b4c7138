//! The words of the old dialect, what replaces each, and how many are left.
//!
//! | old | now |
//! | --- | --- |
//! | heart, beat | membership, heartbeat |
//! | bury | declare dead |
//! | roll, enroll | session registry, register |
//! | kinship | lineage |
//! | race, overtaken | append conflict, rebase |
//! | gather | group commit |
//! | deliver, sight, touches | fan-out, viewport, footprint |
//! | joins, prepared | admission, lookup |
//! | records (the port), spans, effects | storage, row order, apply and write set |
//! | befores, past, then | before images, snapshot, at |
//! | drain (of a tail), closing, lingers | flush tail, shutdown, flush before close |
//! | eras, settle | epochs, flush |
//! | seed, line | stream id, stream |
//! | lead, elsewhere | lease, held elsewhere |
//! | news, hear, told, said | event, receive, sent |
//! | Told (of an error) | status builder |
//! | memory, guesses, notices, watched | lookup cache, login throttle, invalidation, session index |
//! | whoever, who as a subject | the node, the client, the session |
//! | somebody, nobody, everybody | the session, the client, no edit |
//! | afresh, anew, tells, says so | again, a new one, sends, reports |
//! | for ever, by itself, goes on | without end, alone, continues |
//!
//! Not a ban of English: a word that also has an ordinary sense is searched in the dialect's rooms, or as the
//! dialect writes it.
//!
//! Invariant: each `most` is the count of the day; it is lowered with each translation and never raised.

/// One row: a word, where it counts, and how many are left.
pub(super) struct Word {
    pub(super) word: &'static str,
    pub(super) instead: &'static str,
    /// Searched without regard to case in text whose snake case and camel case are taken apart.
    pub(super) pattern: &'static str,
    /// What is no such word, though the pattern is inside it.
    pub(super) except: &'static str,
    /// Which paths are searched.
    pub(super) within: &'static str,
    pub(super) most: usize,
}

const fn word(
    word: &'static str,
    instead: &'static str,
    pattern: &'static str,
    most: usize,
) -> Word {
    Word { word, instead, pattern, except: "", within: "", most }
}

impl Word {
    const fn except(self, except: &'static str) -> Self {
        Self { except, ..self }
    }

    const fn within(self, within: &'static str) -> Self {
        Self { within, ..self }
    }
}

/// The sheet's room, as a module or as a crate.
const SHEET: &str = "^grpc-server/(src/)?sheet|^integration/tests/simulation";
const JOURNAL: &str = "^grpc-server/(src/)?(journal|redis)|^integration/tests/simulation/stream";
const SERVER: &str = "^grpc-server/|^ARCHITECTURE.md";
const SERVICE: &str = "^grpc-server/src/(service|serve|edge)|^ARCHITECTURE.md";

pub(super) const TOTAL_MOST: usize = 9;

pub(super) const WORDS: &[Word] = &[
    word("heart, beat", "membership, heartbeat", r"\b(hearts?|beats?|beating)\b", 0),
    word("bury", "declare dead", r"\b(bury|buries|buried)\b", 0),
    word("kinship", "lineage", r"\bkinship\b", 0),
    word("roll, enroll", "session registry, register", r"\b(rolls?|enroll(s|ed)?)\b", 0)
        .except(r"\brolls?( ?back| the| every)|fn roll\b|self\.roll\(|`rolls`"),
    word("race, overtaken", "append conflict, rebase", r"\b(race[ds]?|overtak(e|es|en))\b", 0),
    word("gather", "group commit", r"\bgather(s|ed|ing)?\b", 0),
    word("deliver", "fan-out", r"\bdeliver(s|ed|y)?\b", 0).within(SHEET),
    word("sight", "viewport", r"\bsights?\b", 0),
    word("touches", "footprint", r"(?-i:\bTouches\b)|\btouches[.:,)]", 0).within(SHEET),
    word(
        "joins, prepared",
        "admission, lookup",
        r"(?-i:\bJoins\b)|\bjoins::|\.joins\b|\bmod joins\b|(?-i:\bPrepared\b)|\bprepared\b",
        1,
    )
    .within(SHEET),
    word("records (the port)", "storage", r"\brecords\b", 0).within(SHEET),
    word("spans", "row order", r"\bspans(::|\.rs|/)|\bmod spans\b|(?-i:\bSpan [TC])", 0)
        .within(SERVER),
    word("effects", "apply, write set", r"\beffects?\b", 0).within(SHEET),
    word("befores", "before images", r"\bbefores\b", 0),
    word(
        "past, then",
        "snapshot, at",
        r"(?-i:\bPast\b)|\bpast(::|\.rs|/)|\bmod past\b|\bthe past\b|\brow\.then\b|\blet then\b",
        0,
    )
    .except(r"\b[Cc]ounters [Pp]ast [Ii]ds\b|\bRule::Past End\b")
    .within("^grpc-server/|^integration/|^ARCHITECTURE.md|^docs/"),
    word("drain (of a tail)", "flush tail", r"\bmod drain\b|\bdrain(::|\.rs)", 0).within(SHEET),
    word(
        "closing, lingers",
        "shutdown, flush before close",
        r"\bclosing(::|\.rs)|\bmod closing\b|\blingers?\b",
        0,
    )
    .except(r"set zero linger"),
    word("eras", "epochs", r"\beras?\b", 1).within(SERVER),
    word("settle", "flush", r"\bsettle[ds]?\b", 0)
        .within("^grpc-server/src/(retention|service|serve|edge|cluster)"),
    word("seed (as stream id)", "stream id", r"seeds?", 0)
        .within("^grpc-server/(src/)?(journal|redis|sheet)|^ARCHITECTURE.md"),
    word("line (as stream)", "stream", r"\blines?\b", 0).within(JOURNAL),
    word("lead", "lease", r"(?-i:\bLead\b)|\b(the|yield|for|its|a|\.) ?leads?\b", 0)
        .within("^grpc-server/|^integration/tests/simulation|^ARCHITECTURE.md|^docs/"),
    word("elsewhere", "held elsewhere", r"(?-i:\bElsewhere\b|\bELSEWHERE\b)|\bis elsewhere\b", 0)
        .within(SERVER),
    word("news", "event", r"\bnews\b", 0),
    word("hear", "receive", r"\b(hears?|heard|hearing|unheard)\b", 0),
    word("told", "sent, refused with", r"(?-i:\b(told|untold)\b)", 0),
    word("Told", "status builder", r"(?-i:\bTold\b)", 0),
    word("said", "sent, reported", r"\b(said|unsaid)\b", 2),
    word("memory (of lookups)", "lookup cache", r"\bmod memory\b", 0).within(SERVICE),
    word("guesses", "login throttle", r"\bguesses\b", 0).within(SERVICE),
    word(
        "notices",
        "invalidation",
        r"(?-i:\bNotices?\b)|\bnotices(::|\.rs|[.,:])|\bmod notices\b",
        0,
    )
    .except(r"Notice Service|List Notices Request")
    // On a connection, notices are those of persons.
    .within("^grpc-server/src/(serve|edge|service/(accounts|sharing|sheets|web))"),
    word("watched", "session index", r"(?-i:\bWatched\b)|\bwatched\b", 0).within(SERVICE),
    word("whoever", "the one concerned, by its noun", r"\bwho(m|se)?ever\b", 0),
    word(
        "Who as a subject",
        "the one concerned, by its noun",
        r"(?-i:\bWho\b[^?\n]*$)|\bfn who\b|(;|:|\bif|\band|\bbut) who\b",
        0,
    )
    .except(r"(?-i:\bWho Am I|\bwho am i)"),
    word("somebody, nobody", "the session, the client, no edit", r"\b(some|no|every|any)body\b", 1)
        .except(r"[`\x22]nobody[`\x22]|or nobody to run"),
    word("afresh, anew", "again, a new one", r"\b(afresh|anew)\b", 3),
    word("tells, says so", "sends, reports", r"\b(tells|says so)\b", 1),
    word("for ever", "without end", r"\bfor ever\b", 0),
    word("by itself", "alone", r"\bby itself\b", 0),
    word("goes on", "continues", r"\b(go|goes|going|went) on\b", 0),
];
