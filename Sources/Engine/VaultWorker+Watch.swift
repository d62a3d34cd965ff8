import Anomalies
import Dispatch
import Ledger
import Logging
import Vault

/// What detectors of anomalies have learned: written by the writer, read beside everything else.
extension VaultWorker {
  /// Writes it; where that fails, the state before stays and the next one is written in an hour.
  func keep(_ watch: AnomalyWatch) {
    writing.async { [self] in
      do {
        try vault.keepWatch(watch.bytes, at: EngineLoop.now)
      } catch {
        log.warning("what detectors learned was not written", metadata: ["fault": "\(error)"])
      }
    }
  }

  /// Reads the latest state that can be used; it comes as an event.
  func readWatch() {
    reading.async { [self] in
      do {
        for (time, state) in try reader.watchStates() {
          do throws(StateFault) {
            inbox.post(.watchRead(try AnomalyWatch(state)))
            return
          } catch {
            log.warning(
              "a state of the detectors is of no use",
              metadata: ["time": "\(time)", "fault": "\(error)"])
          }
        }
      } catch {
        log.warning("the detectors' state was not read", metadata: ["fault": "\(error)"])
      }
      inbox.post(.watchRead(nil))
    }
  }
}
