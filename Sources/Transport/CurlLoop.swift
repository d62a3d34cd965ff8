import CCurl
import Glibc
import Synchronization
import VenueKit

/// The one thread that touches libcurl; others leave commands and wake it.
final class CurlLoop: Sendable {
  private enum Command {
    case add(CurlTransfer)
    case cancel(UInt64)
  }
  private struct Shared {
    var commands: [Command] = []
    var calls = 0
    var isRunning = true
    var thread: pthread_t?
  }

  private let shared = Mutex(Shared())
  private let options: HTTPOptions
  /// libcurl lets any thread wake a multi handle; all else happens on the loop's own.
  private nonisolated(unsafe) let multi: UnsafeMutableRawPointer
  static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  init(options: HTTPOptions) {
    precondition(CurlLoop.isReady, "libcurl cannot be initialised")
    guard let multi = curl_multi_init() else { preconditionFailure("no memory for libcurl") }
    self.multi = multi
    self.options = options
    _ = cc_multi_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    _ = cc_multi_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, options.connectionsPerHost)
    _ = cc_multi_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, options.connectionsMost)
    _ = cc_multi_long(multi, CURLMOPT_MAXCONNECTS, options.connectionsMost)
    start()
  }

  private func start() {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self).toOpaque()
    let status = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<CurlLoop>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context)
    precondition(status == 0, "no thread for the network")
    let started = thread
    shared.withLock { $0.thread = started }
  }

  func add(_ transfer: CurlTransfer) {
    let refusal: TransportFault.Kind? = shared.withLock { shared in
      guard shared.isRunning else { return .shutDown }
      guard shared.calls < options.callsMost else { return .busy }
      shared.calls += 1
      shared.commands.append(.add(transfer))
      curl_multi_wakeup(multi)
      return nil
    }
    if let refusal { transfer.finish(.failure(transfer.fault(refusal))) }
  }

  func cancel(_ id: UInt64) {
    shared.withLock { shared in
      guard shared.isRunning else { return }
      shared.commands.append(.cancel(id))
      curl_multi_wakeup(multi)
    }
  }

  /// Ends the thread and waits for it, unless called on it.
  func stop() {
    let thread: pthread_t? = shared.withLock { shared in
      let thread = shared.thread
      shared.thread = nil
      if shared.isRunning {
        shared.isRunning = false
        curl_multi_wakeup(multi)
      }
      return thread
    }
    guard let thread else { return }
    if pthread_equal(thread, pthread_self()) != 0 {
      pthread_detach(thread)
    } else {
      pthread_join(thread, nil)
    }
  }

  // MARK: On the loop's thread

  private func run() {
    blockSignals()
    var live: [UInt64: CurlTransfer] = [:]
    while let commands = taken() {
      for command in commands { obey(command, &live) }
      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      collect(&live)
      let now = CurlTransfer.milliseconds()
      for transfer in live.values {
        guard let kind = transfer.overdue(at: now) else { continue }
        end(transfer, .failure(transfer.fault(kind)), &live)
      }
      // With nothing under way there is nothing to wake for; a new call wakes the poll itself.
      let wait = live.values.map { min($0.nextDeadline - now, 1000) }.min() ?? 3_600_000
      curl_multi_poll(multi, nil, 0, Int32(max(0, min(wait, 3_600_000))), nil)
    }
    for transfer in live.values { end(transfer, .failure(transfer.fault(.shutDown)), &live) }
    let late = shared.withLock { shared in
      let commands = shared.commands
      shared.commands = []
      return commands
    }
    for case .add(let transfer) in late { transfer.finish(.failure(transfer.fault(.shutDown))) }
    // Nobody wakes the handle any more: `isRunning` is false for good.
    curl_multi_cleanup(multi)
  }

  /// Signals are for other threads; a broken pipe is a fault like any other.
  private func blockSignals() {
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
  }

  /// What others left; `nil` once the client is shut down.
  private func taken() -> [Command]? {
    shared.withLock { shared in
      guard shared.isRunning else { return nil }
      let commands = shared.commands
      shared.commands = []
      return commands
    }
  }

  private func obey(_ command: Command, _ live: inout [UInt64: CurlTransfer]) {
    switch command {
    case .add(let transfer):
      if let kind = transfer.prepare(options) {
        end(transfer, .failure(transfer.fault(kind)), &live)
      } else if let easy = transfer.easy, curl_multi_add_handle(multi, easy) == CURLM_OK {
        live[transfer.id] = transfer
      } else {
        end(transfer, .failure(transfer.fault(.request("libcurl refused it"))), &live)
      }
    case .cancel(let id):
      guard let transfer = live[id] else { return }
      end(transfer, .failure(transfer.fault(.cancelled)), &live)
    }
  }

  private func collect(_ live: inout [UInt64: CurlTransfer]) {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE else { continue }
      let code = cc_msg_result(message)
      var context: UnsafeMutableRawPointer?
      _ = cc_get_ptr(message.pointee.easy_handle, CURLINFO_PRIVATE, &context)
      guard let context else { continue }
      let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
      end(transfer, transfer.result(code), &live)
    }
  }

  private func end(
    _ transfer: CurlTransfer, _ result: Result<IncomingAnswer, TransportFault>,
    _ live: inout [UInt64: CurlTransfer]
  ) {
    if let easy = transfer.easy, live.removeValue(forKey: transfer.id) != nil {
      curl_multi_remove_handle(multi, easy)
    }
    transfer.free()
    shared.withLock { $0.calls -= 1 }
    transfer.finish(result)
  }
}
