/// Why an asset is suspect, in words.
enum Suspicion {
  /// The sentence for a reason's stable word; the word itself where it is new.
  static func sentence(_ word: String) -> String { sentences[word] ?? word.shortened(to: 64) }

  private static let sentences = [
    "invitation": "its name is an invitation to a page",
    "counterfeit": "it has the name of a well-known asset, at another contract",
    "lookAlikeLetters": "its name has letters that look like others",
    "hiddenCharacters": "its name has characters that cannot be seen",
    "unasked": "it came in unasked, and was never used",
    "oddDecimals": "its decimals cannot be right",
    "ignored": "you ignore it",
  ]
}
