/// Red, green and blue on terminals whose description knows only 256 colours.
enum DirectColour {
  /// Makes the terminal's description one with direct colours for the next `newterm`.
  ///
  /// - Returns: What puts the environment back.
  static func prepare(if isWanted: Bool) -> () -> Void { {} }
}
