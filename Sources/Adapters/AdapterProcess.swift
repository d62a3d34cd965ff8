import CPosix
import Encodings
import Glibc
import Synchronization
public import VenueKit

/// Runs an adapter's program and asks it, one call after the other.
///
/// The program is started by the first call, in a thread of its own that lives as long as this does:
/// the program is killed with the thread. It is started anew after it broke a rule, later each time.
public final class AdapterProcess: Sendable {
  /// The version of the protocol.
  public static let protocolVersion = 1
  /// The most calls that wait.
  public static let mostWaiting = 64
  /// The longest rest after a failure, in seconds.
  static let longestRest: Int64 = 300

  /// What becomes of a call.
  public typealias Answer = Result<IncomingAnswer, AdapterFault>

  private struct Work {
    let call: Call
    let credentials: Credentials?
    let done: @Sendable (Answer) -> Void
  }

  private struct State {
    var waiting: [Work] = []
    var runs = false
  }

  /// The adapter it runs.
  public let adapter: InstalledAdapter
  private let log: @Sendable (String) -> Void
  private let state = Mutex(State())
  private let stop = Stop()

  /// Prepares to run an adapter; nothing is started yet.
  ///
  /// - Parameters:
  ///   - adapter: The adapter.
  ///   - log: Takes what the program says on standard error, made harmless, and why it was ended.
  public init(_ adapter: InstalledAdapter, log: @escaping @Sendable (String) -> Void) {
    self.adapter = adapter
    self.log = log
  }

  /// Asks the program; what becomes of it is told from another thread, once.
  ///
  /// - Parameters:
  ///   - call: A call of the adapter's venue.
  ///   - credentials: The account's secrets; `nil` for calls that need none.
  ///   - done: Told what came of it.
  public func ask(
    _ call: Call, credentials: Credentials?, done: @escaping @Sendable (Answer) -> Void
  ) {
    let work = Work(call: call, credentials: credentials, done: done)
    let (isTaken, isFirst) = state.withLock { state -> (Bool, Bool) in
      guard !stop.isAsked, state.waiting.count < AdapterProcess.mostWaiting else {
        return (false, false)
      }
      state.waiting.append(work)
      defer { state.runs = true }
      return (true, !state.runs)
    }
    guard isTaken else { return done(.failure(stop.isAsked ? .stopped : .isBusy)) }
    if isFirst { begin() }
    stop.wake()
  }

  /// Ends the program and refuses what waits and what comes.
  public func shutDown() {
    stop.ask()
    for work in takeAll() { work.done(.failure(.stopped)) }
  }

  /// Ends the program, which knows the secrets it was given, and refuses what was asked before; the
  /// next call starts it anew.
  public func forget() {
    let forgotten = state.withLock { state -> [Work] in
      guard state.runs else { return [] }
      stop.askToForget()
      defer { state.waiting = [] }
      return state.waiting
    }
    for work in forgotten { work.done(.failure(.stopped)) }
  }

  private func takeAll() -> [Work] {
    state.withLock { state in
      defer { state.waiting = [] }
      return state.waiting
    }
  }

  private func begin() {
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        Unmanaged<AdapterProcess>.fromOpaque(pointer).takeRetainedValue().run()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    guard code == 0 else {
      Unmanaged.passUnretained(self).release()
      state.withLock { $0.runs = false }
      for work in takeAll() { work.done(.failure(.notStarted(systemText(code)))) }
      return
    }
    pthread_detach(thread)
  }

  // MARK: - The thread

  /// What the thread knows.
  private struct Run {
    var child: AdapterChild?
    var failures = 0
    var restsUntil: Int64 = 0
  }

  private func run() {
    // A program that ended is heard of by its pipe, not by a signal.
    ignoreBrokenPipes()
    var run = Run()
    while !stop.isAsked {
      if stop.takeForgetting() {
        run.child?.kill()
        run.child = nil
      }
      guard let work = next() else {
        if stop.isUrgent { continue }
        // Nothing was asked for a while: the program need not lie in memory.
        if !stop.wait(seconds: adapter.limits.idleSeconds) {
          run.child?.end()
          run.child = nil
          if rest() { return }
        }
        continue
      }
      work.done(answer(work, &run))
    }
    run.child?.kill()
    for work in takeAll() { work.done(.failure(.stopped)) }
  }

  /// Ends the thread where nothing waits; the next call starts another.
  private func rest() -> Bool {
    state.withLock { state in
      if !state.waiting.isEmpty { return false }
      state.runs = false
      return true
    }
  }

  /// The call that waits longest; none while the program that knows the secrets is still to end.
  private func next() -> Work? {
    state.withLock { state in
      stop.isUrgent || state.waiting.isEmpty ? nil : state.waiting.removeFirst()
    }
  }

  private func answer(_ work: Work, _ run: inout Run) -> Answer {
    let left = run.restsUntil - AdapterChild.clock
    if left > 0 { return .failure(.rests(seconds: Int(left / 1_000) + 1)) }
    do throws(AdapterFault) {
      let child = try child(&run)
      let line = try child.ask(
        work.call, work.credentials, adapter.manifest.credentials, stop: stop)
      run.failures = 0
      return .success(IncomingAnswer(status: 200, body: line))
    } catch {
      run.child?.kill()
      run.child = nil
      if error == .stopped { return .failure(error) }
      run.failures = min(run.failures + 1, 16)
      let seconds = min(Int64(1) << Int64(run.failures - 1), AdapterProcess.longestRest)
      run.restsUntil = AdapterChild.clock + seconds * 1_000
      log("\(error)")
      return .failure(error)
    }
  }

  private func child(_ run: inout Run) throws(AdapterFault) -> AdapterChild {
    if let child = run.child { return child }
    let child = try AdapterChild(adapter, log: log)
    run.child = child
    try child.greet(adapter.manifest, stop: stop)
    return child
  }
}

/// Wakes an adapter's thread and tells it to end.
final class Stop: Sendable {
  let descriptor: Int32
  private let flag = Atomic<Bool>(false)
  private let forgetting = Atomic<Bool>(false)

  init() {
    descriptor = posix_eventfd()
    precondition(descriptor >= 0, "The system gives an event descriptor.")
  }

  deinit { close(descriptor) }

  var isAsked: Bool { flag.load(ordering: .acquiring) }

  /// Whether what is under way shall be given up.
  var isUrgent: Bool { isAsked || forgetting.load(ordering: .acquiring) }

  func askToForget() {
    forgetting.store(true, ordering: .releasing)
    wake()
  }

  /// Whether it was asked to forget; asked once, told once.
  func takeForgetting() -> Bool { forgetting.exchange(false, ordering: .acquiringAndReleasing) }

  func ask() {
    flag.store(true, ordering: .releasing)
    wake()
  }

  func wake() {
    var one: UInt64 = 1
    _ = write(descriptor, &one, 8)
  }

  func clear() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, 8)
  }

  /// Waits to be woken; whether it was.
  func wait(seconds: Int) -> Bool {
    var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let count = poll(&watched, 1, Int32(min(seconds, 86_400)) * 1_000)
    if count > 0 { clear() }
    return count != 0
  }
}
