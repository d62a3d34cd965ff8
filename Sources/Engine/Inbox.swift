import CPosix
import Glibc
import Synchronization

/// Events from other threads, and the descriptor that wakes the loop for them.
final class Inbox: Sendable {
  let descriptor: Int32
  private let events = Mutex<[EngineEvent]>([])

  init() {
    descriptor = posix_eventfd()
    precondition(descriptor >= 0, "The system gives an event descriptor.")
  }

  deinit { close(descriptor) }

  /// Adds an event; of several progresses of one work only the last is kept.
  func post(_ event: EngineEvent) {
    let wasEmpty = events.withLock { events in
      let wasEmpty = events.isEmpty
      if case .progressed(let work, _) = event, case .progressed(work, _)? = events.last {
        events.removeLast()
      }
      events.append(event)
      return wasEmpty
    }
    guard wasEmpty else { return }
    var one: UInt64 = 1
    _ = write(descriptor, &one, 8)
  }

  /// Takes everything out.
  func drain() -> [EngineEvent] {
    var count: UInt64 = 0
    _ = read(descriptor, &count, 8)
    return events.withLock { events in
      defer { events = [] }
      return events
    }
  }
}
