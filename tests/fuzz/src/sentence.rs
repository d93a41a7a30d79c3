//! What a refusal looks like, whoever refuses.

use cutover::error::InvalidField;

/// A sentence for a log or a terminal: one line, short, nothing that either would obey.
pub fn is_a_line(sentence: &str) {
    assert!(!sentence.is_empty() && sentence.chars().count() < 1_500, "too long: {sentence}");
    assert!(!sentence.chars().any(char::is_control), "a control character: {sentence:?}");
}

/// A refusal: such a sentence, and it begins with the field.
pub fn is_a_refusal(refused: &InvalidField) {
    let sentence = refused.to_string();
    is_a_line(&sentence);
    assert!(sentence.starts_with(&format!("\"{}\" is ", refused.field)), "{sentence}");
}
