import Ledger
import Simulator
import Synchronization

/// One service behind a lock: requests, streams, faults and the clock come together here.
final class VenueDesk: Sendable {
  /// A venue or a chain; each is changed where it lies, since a copy would be large.
  private struct State: Sendable {
    var dialect: (any SimulatedDialect)?
    var chain: (any SimulatedService)?
    var faults: FaultPlan
    var requests = 0

    mutating func handle(_ request: SimulatedRequest, at now: Instant) -> SimulatedResponse {
      let answer = dialect?.handle(request, at: now) ?? chain?.handle(request, at: now)
      return answer?.validated(for: request) ?? SimulatedResponse(status: 404)
    }

    func refusal(_ fault: SimulatedFault?) -> SimulatedResponse? {
      let service: (any SimulatedService)? = dialect ?? chain
      switch fault {
      case .slowDown: return service?.slowDown(seconds: faults.pauseSeconds)
      case .ban: return service?.banned(seconds: faults.pauseSeconds)
      case .serverError: return service?.failing(503)
      case .proxyPage: return service?.failing(502)
      default: return nil
      }
    }
  }
  /// The service's word.
  let venue: String
  /// The hosts it answers for.
  let hosts: [String]
  /// Hears every frame of a stream just before it goes out.
  let listener: (@Sendable (StreamFrame) -> Void)?
  private let state: Mutex<State>
  private let clock: @Sendable () -> Instant

  init(
    _ service: any SimulatedService, faults: FaultPlan,
    listener: (@Sendable (StreamFrame) -> Void)? = nil, clock: @escaping @Sendable () -> Instant
  ) {
    self.listener = listener
    venue = service.venue
    hosts = service.hosts
    self.clock = clock
    var dialect = service as? any SimulatedDialect
    dialect?.exchange.delays = faults.delays
    state = Mutex(
      State(dialect: dialect, chain: dialect == nil ? service : nil, faults: faults))
  }

  /// What becomes of a request.
  enum Outcome: Sendable {
    /// The answer, how late it comes in milliseconds, and whether it ends in the middle.
    case answer(SimulatedResponse, delay: Int64, isCut: Bool)
    /// The connection ends without an answer.
    case drop
  }

  /// Answers a request, with whatever goes wrong.
  func answer(_ asked: SimulatedRequest) -> Outcome {
    let time = clock()
    let request = named(asked)
    return state.withLock { state in
      state.requests += 1
      let now = VenueDesk.skewed(time, state.faults)
      let fault = state.faults.fault(path: request.path)
      func plain(_ response: SimulatedResponse) -> Outcome {
        .answer(response, delay: 0, isCut: false)
      }
      if fault == .dropRequest || fault == .disconnect { return .drop }
      if let refusal = state.refusal(fault) { return plain(refusal) }
      let response = state.handle(request, at: now)
      switch fault {
      case .dropAnswer: return .drop
      case .duplicate: return plain(state.handle(request, at: now))
      case .delay:
        return .answer(response, delay: state.faults.delayMilliseconds, isCut: false)
      case .truncate: return .answer(response, delay: 0, isCut: true)
      default: return plain(response)
      }
    }
  }

  /// A request that names none of the hosts is for the first.
  private func named(_ request: SimulatedRequest) -> SimulatedRequest {
    guard !hosts.contains(request.host), let first = hosts.first else { return request }
    var copy = request
    copy.host = first
    return copy
  }

  private static func skewed(_ time: Instant, _ faults: FaultPlan) -> Instant {
    Instant(microseconds: time.microseconds &+ faults.skewMilliseconds &* 1_000)
  }

  /// Opens a stream; `nil` where there is none.
  func open(_ asked: SimulatedRequest) -> SimulatedStream? {
    let time = clock()
    let request = named(asked)
    return state.withLock { state in
      state.dialect?.open(request, at: VenueDesk.skewed(time, state.faults))
    }
  }

  /// What is said to a message of the client's, and the stream after it.
  func receive(
    _ text: String, _ stream: SimulatedStream
  ) -> (frames: [StreamFrame], stream: SimulatedStream) {
    let time = clock()
    return state.withLock { state in
      var stream = stream
      let now = VenueDesk.skewed(time, state.faults)
      let frames = state.dialect?.receive(text, &stream, at: now) ?? []
      return (state.faults.spoiled(frames, &stream), stream)
    }
  }

  /// What a stream says by itself, and the stream after it.
  func pulse(
    _ stream: SimulatedStream
  ) -> (frames: [StreamFrame], stream: SimulatedStream) {
    let time = clock()
    return state.withLock { state in
      var stream = stream
      let now = VenueDesk.skewed(time, state.faults)
      let frames = state.dialect?.pulse(&stream, at: now) ?? []
      return (state.faults.spoiled(frames, &stream), stream)
    }
  }

  /// Sets what goes wrong.
  func setFaults(_ faults: FaultPlan) {
    state.withLock { state in
      state.faults = faults
      state.dialect?.exchange.delays = faults.delays
    }
  }

  /// What goes wrong now.
  var faults: FaultPlan { state.withLock { $0.faults } }
  /// How many requests came so far.
  var requests: Int { state.withLock { $0.requests } }

  /// Looks at the exchange behind a venue, or changes it; `nil` for a chain.
  func exchange<R: Sendable>(
    _ body: @Sendable (inout SimulatedExchange, Instant) -> R
  ) -> R? {
    let time = clock()
    return state.withLock { state in
      guard state.dialect != nil else { return nil }
      var result: R?
      state.dialect?.change { result = body(&$0, time) }
      return result
    }
  }

}
