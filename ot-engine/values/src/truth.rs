//! The words for yes and no by language.
//!
//! They count in columns of truth values alone. Invariant: no word is both, and none is an English one of the other value.

/// Words for yes and for no, with spaces between them.
pub(crate) type Words = (&'static str, &'static str);

/// For the languages among which a person chooses. Letter case counts for letters other than those of ASCII, so words that
/// begin with one are there twice.
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
    ("is", "já satt", "nei ósatt Ósatt"),
    ("pl", "tak prawda", "nie fałsz"),
    ("cs", "ano pravda", "ne nepravda"),
    ("sk", "áno Áno ano pravda", "nie nepravda"),
    ("hu", "igen igaz", "nem hamis"),
    ("ro", "da adevărat", "nu fals"),
    ("bg", "да Да ДА вярно Вярно", "не Не НЕ невярно Невярно"),
    ("hr", "da istina", "ne neistina"),
    ("sl", "da resnično", "ne neresnično"),
    ("sr", "da да Да ДА tačno тачно Тачно", "ne не Не НЕ netačno нетачно Нетачно"),
    ("el", "ναι Ναι ΝΑΙ αληθές Αληθές", "όχι Όχι ΟΧΙ ψευδές Ψευδές"),
    ("tr", "evet doğru", "hayır yanlış"),
    ("ru", "да Да ДА истина Истина", "нет Нет НЕТ ложь Ложь"),
    ("uk", "так Так ТАК істина Істина", "ні Ні НІ хибність Хибність"),
    ("et", "jah tõene", "ei väär"),
    ("lv", "jā patiess", "nē aplams"),
    ("lt", "taip tiesa", "ne netiesa"),
    ("he", "כן אמת", "לא שקר"),
    ("hi", "हाँ हां सत्य", "नहीं असत्य"),
    ("id", "ya benar", "tidak salah"),
    ("ms", "ya benar", "tidak salah"),
    ("th", "ใช่ จริง", "ไม่ ไม่ใช่ เท็จ"),
    ("vi", "có đúng Đúng", "không sai"),
    ("zh", "是 真", "否 假"),
    ("ja", "はい 真", "いいえ 偽"),
    ("ko", "예 네 참", "아니요 아니오 거짓"),
];

/// Those of a language in lower case.
pub(crate) fn words(language: &str) -> Words {
    let found = WORDS.iter().find(|(known, ..)| *known == language);
    found.map_or(("", ""), |(_, yes, no)| (*yes, *no))
}

/// Whether a text is one of these words.
pub(crate) fn is_word(text: &str, words: &str) -> bool {
    words.split_ascii_whitespace().any(|known| known.eq_ignore_ascii_case(text))
}
