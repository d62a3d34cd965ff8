import Synchronization
public import VenueKit

/// Sends requests over libcurl: one thread, kept connections, HTTP/2 where the peer speaks it.
///
/// A request on a kept connection that dies without a byte of answer is sent once more if it is a
/// `GET` or `HEAD`; anything else is never sent twice.
public final class HTTPClient: Sendable {
  private let loop: CurlLoop
  private let nextID = Atomic<UInt64>(1)

  /// Starts a client and its thread.
  public init(options: HTTPOptions = HTTPOptions()) {
    loop = CurlLoop(options: options)
  }

  deinit {
    loop.stop()
  }

  /// Sends a request; `done` is called once, on the client's own thread, and must not block.
  ///
  /// - Parameters:
  ///   - request: What to send.
  ///   - options: Times and sizes.
  ///   - done: Gets the answer, whatever its status, or why there is none.
  /// - Returns: A number for `cancel`.
  @discardableResult public func send(
    _ request: OutgoingRequest, options: CallOptions = CallOptions(),
    done: @escaping @Sendable (Result<IncomingAnswer, TransportFault>) -> Void
  ) -> UInt64 {
    let id = nextID.add(1, ordering: .relaxed).newValue
    loop.add(CurlTransfer(id: id, request: request, options: options, done: done))
    return id
  }

  /// Stops a call; its `done` gets `cancelled` unless it has ended already.
  public func cancel(_ id: UInt64) {
    loop.cancel(id)
  }

  /// Sends a request and waits for its answer; cancelling the task stops the call.
  ///
  /// - Throws: Why there is no answer.
  public func send(
    _ request: OutgoingRequest, options: CallOptions = CallOptions()
  ) async throws(TransportFault) -> IncomingAnswer {
    let id = nextID.add(1, ordering: .relaxed).newValue
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        loop.add(
          CurlTransfer(id: id, request: request, options: options) {
            continuation.resume(returning: $0)
          })
        // A task cancelled before this point has called the handler below too early.
        if Task.isCancelled { loop.cancel(id) }
      }
    } onCancel: {
      loop.cancel(id)
    }
    return try result.get()
  }

  /// Stops everything: calls under way get `shutDown`, later ones too, and the thread ends.
  public func shutDown() {
    loop.stop()
  }
}
