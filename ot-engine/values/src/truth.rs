//! The words for yes and no by language.
//!
//! They count in columns of truth values alone. Invariant: no word is both, and none is an English one of the other value.

use crate::fold::fold;

/// Words for yes and for no, with spaces between them.
pub(crate) type Words = (&'static str, &'static str);

/// For the languages among which a person chooses. Turkish capitals without a dot stand for two letters each.
const WORDS: &[(&str, &str, &str)] = &[
    ("de", "ja wahr", "nein falsch"),
    ("fr", "oui vrai", "non faux"),
    ("es", "sí si verdadero", "no falso"),
    ("it", "sì si vero", "no falso"),
    ("pt", "sim verdadeiro", "não nao falso"),
    ("nl", "ja waar", "nee onwaar"),
    ("da", "ja sandt", "nej falsk"),
    ("sv", "ja sant", "nej falskt"),
    ("nb", "ja sann", "nei usann"),
    ("nn", "ja sann", "nei usann"),
    ("no", "ja sann", "nei usann"),
    ("fi", "kyllä tosi", "ei epätosi"),
    ("is", "já satt", "nei ósatt"),
    ("pl", "tak prawda", "nie fałsz"),
    ("cs", "ano pravda", "ne nepravda"),
    ("sk", "áno ano pravda", "nie nepravda"),
    ("hu", "igen igaz", "nem hamis"),
    ("ro", "da adevărat", "nu fals"),
    ("bg", "да вярно", "не невярно"),
    ("hr", "da istina", "ne neistina"),
    ("sl", "da resnično", "ne neresnično"),
    ("sr", "da да tačno тачно", "ne не netačno нетачно"),
    ("el", "ναι αληθές", "όχι οχι ψευδές"),
    ("tr", "evet doğru", "hayır hayir yanlış yanliş"),
    ("ru", "да истина", "нет ложь"),
    ("uk", "так істина", "ні хибність"),
    ("et", "jah tõene", "ei väär"),
    ("lv", "jā patiess", "nē aplams"),
    ("lt", "taip tiesa", "ne netiesa"),
    ("he", "כן אמת", "לא שקר"),
    ("hi", "हाँ हां सत्य", "नहीं असत्य"),
    ("id", "ya benar", "tidak salah"),
    ("ms", "ya benar", "tidak salah"),
    ("th", "ใช่ จริง", "ไม่ ไม่ใช่ เท็จ"),
    ("vi", "có đúng", "không sai"),
    ("zh", "是 真", "否 假"),
    ("ja", "はい 真", "いいえ 偽"),
    ("ko", "예 네 참", "아니요 아니오 거짓"),
];

/// Those of a language in lower case.
pub(crate) fn words(language: &str) -> Words {
    let found = WORDS.iter().find(|(known, ..)| *known == language);
    found.map_or(("", ""), |(_, yes, no)| (*yes, *no))
}

/// Bytes of the longest word, with room for other encodings of its letters.
const LONGEST: usize = 64;

/// Whether a text is one of these words, in any letter case.
pub(crate) fn is_word(text: &str, words: &str) -> bool {
    if words.is_empty() || text.len() > LONGEST {
        return false;
    }
    let text = fold(text);
    words.split_ascii_whitespace().any(|known| fold(known) == text)
}
