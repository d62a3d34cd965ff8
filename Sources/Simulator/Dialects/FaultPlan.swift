/// What can go wrong between a client and a venue.
public enum SimulatedFault: String, Sendable, CaseIterable {
  /// The connection ends before the request is looked at.
  case dropRequest
  /// The request is carried out, and the connection ends before the answer.
  case dropAnswer
  /// The answer comes late.
  case delay
  /// The request is carried out twice; a stream's message comes twice.
  case duplicate
  /// Two messages of a stream change places.
  case reorder
  /// The answer ends in the middle.
  case truncate
  /// The venue says "too many requests".
  case slowDown
  /// The venue bans the address.
  case ban
  /// The server fails.
  case serverError
  /// A proxy answers with a web page.
  case proxyPage
  /// A stream leaves out a number of its sequence.
  case wrongSequence
  /// A stream's connection ends.
  case disconnect
}

/// Which faults happen when: by rates from a seed, or by a script.
public struct FaultPlan: Sendable {
  /// One scripted fault.
  public struct Script: Sendable, Hashable {
    /// The beginning of the paths it is for.
    public var path: String
    /// What happens.
    public var fault: SimulatedFault
    /// How often it still happens.
    public var count: Int

    /// Scripts a fault.
    public init(path: String, fault: SimulatedFault, count: Int = 1) {
      self.path = path
      self.fault = fault
      self.count = count
    }
  }
  /// Of a thousand requests or messages, how many meet each fault.
  public var perThousand: [SimulatedFault: Int] = [:]
  /// Scripted faults, asked first.
  public var script: [Script] = []
  /// How late a late answer is, in milliseconds.
  public var delayMilliseconds: Int64 = 2_000
  /// How long "slow down" and bans last, in seconds.
  public var pauseSeconds = 5
  /// By how much the venue's clock is wrong, in milliseconds; positive is ahead.
  public var skewMilliseconds: Int64 = 0
  /// What the venue tells late.
  public var delays = SimulatedDelays()
  private var generator: SeededGenerator
  private static let httpFaults: [SimulatedFault] = [
    .dropRequest, .dropAnswer, .delay, .duplicate, .truncate, .slowDown, .ban, .serverError,
    .proxyPage,
  ]
  private static let streamFaults: [SimulatedFault] = [
    .duplicate, .reorder, .wrongSequence, .dropRequest, .truncate, .disconnect,
  ]

  /// A plan without faults.
  public init(seed: UInt64 = 1) { generator = SeededGenerator(seed: mixed(seed, 77)) }

  /// The fault that a request meets; `nil` for none.
  public mutating func fault(path: String) -> SimulatedFault? {
    for place in script.indices
    where script[place].count > 0 && path.hasPrefix(script[place].path) {
      script[place].count -= 1
      return script[place].fault
    }
    return drawn(FaultPlan.httpFaults)
  }

  /// The fault that a stream's message meets; `nil` for none.
  public mutating func streamFault() -> SimulatedFault? {
    for place in script.indices
    where script[place].count > 0 && script[place].path == "stream" {
      script[place].count -= 1
      return script[place].fault
    }
    return drawn(FaultPlan.streamFaults)
  }

  /// Applies what goes wrong with a stream to the frames of one pulse.
  ///
  /// - Parameters:
  ///   - frames: What the venue sends.
  ///   - stream: The stream; told to leave out a number.
  /// - Returns: What arrives.
  public mutating func spoiled(
    _ frames: [StreamFrame], _ stream: inout SimulatedStream
  ) -> [StreamFrame] {
    guard !frames.isEmpty, isAtWork else { return frames }
    var arriving: [StreamFrame] = []
    for frame in frames {
      switch streamFault() {
      case .dropRequest: continue
      case .duplicate: arriving += [frame, frame]
      case .reorder: arriving.insert(frame, at: max(0, arriving.count - 1))
      case .truncate: arriving.append(FaultPlan.half(frame))
      case .wrongSequence:
        stream.skipsNumber = true
        arriving.append(frame)
      case .disconnect: return arriving + [.close(1_011)]
      default: arriving.append(frame)
      }
    }
    return arriving
  }

  private static func half(_ frame: StreamFrame) -> StreamFrame {
    switch frame {
    case .text(let text): .text(String(text.prefix(text.count / 2)))
    case .binary(let bytes): .binary(Array(bytes.prefix(bytes.count / 2)))
    case .ping, .close: frame
    }
  }

  private var isAtWork: Bool { !perThousand.isEmpty || script.contains { $0.path == "stream" } }

  private mutating func drawn(_ kinds: [SimulatedFault]) -> SimulatedFault? {
    guard !perThousand.isEmpty else { return nil }
    for kind in kinds {
      guard let rate = perThousand[kind], rate > 0 else { continue }
      if generator.next() % 1_000 < UInt64(rate) { return kind }
    }
    return nil
  }
}
