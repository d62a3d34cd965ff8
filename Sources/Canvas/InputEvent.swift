/// Something that happened at the terminal.
public enum InputEvent: Hashable, Sendable {
  /// A key was pressed.
  case key(Key)
  /// Text was pasted: one sanitised line; `isCut` when it was longer than the bound.
  case paste(String, isCut: Bool)
  /// A mouse button or wheel was used.
  case mouse(Mouse)
  /// The window got the keyboard, or lost it.
  case focus(Bool)
  /// There will be no more input: leave.
  case endOfInput

  /// What the mouse did; columns and rows count from 0.
  public struct Mouse: Hashable, Sendable {
    /// The button: 0 left, 1 middle, 2 right, 64 wheel up, 65 wheel down.
    public let button: Int
    /// Where.
    public let place: Point
    /// Whether the button went down, not up.
    public let isPressed: Bool
    /// Whether the mouse was moved with the button down.
    public let isDrag: Bool
  }
}
