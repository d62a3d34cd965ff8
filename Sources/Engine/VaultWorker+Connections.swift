import Ledger
import Sync
import Vault
import VenueKit
import Venues
import Wire

extension VaultWorker {
  func store(_ batch: SyncBatch) { inbox.post(.unsynced(batch: batch.id)) }
  func connect(_ request: Request, _ connection: NewConnection) throws -> WorkResult {
    .report(Report())
  }
  func disconnect(_ request: Request) throws -> WorkResult { .report(Report()) }
  func setPaused(_ request: Request, _ isPaused: Bool) throws -> WorkResult { .report(Report()) }
  func breaksReport(_ request: Request) throws -> Report { Report() }
}

extension Credentials {
  /// The fields in the order a venue names them.
  init(_ secrets: [[UInt8]], of venue: Venue) {
    var (key, secret, passphrase) = ("", "", "")
    var fields: [String: String] = [:]
    for (field, bytes) in zip(venue.credentials, secrets) {
      let text = String(decoding: bytes, as: UTF8.self)
      switch field.name {
      case "key": key = text
      case "secret": secret = text
      case "passphrase": passphrase = text
      default: fields[field.name] = text
      }
    }
    self.init(key: key, secret: secret, passphrase: passphrase, fields: fields)
  }
}
