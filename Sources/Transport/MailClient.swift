import CCurl
import Dispatch
import Glibc

/// A mail ready to go.
public struct OutgoingMail: Sendable {
  /// `smtps://` for TLS from the start, `smtp://` for STARTTLS; host and port.
  public var url: String
  /// The sender's address, as in the envelope.
  public var from: String
  /// The receivers' addresses.
  public var to: [String]
  /// The name to log in with; empty for none.
  public var login: String
  /// The password.
  public var password: [UInt8]
  /// The message (RFC 5322), lines ended by CR LF.
  public var message: [UInt8]

  /// Makes a mail.
  public init(
    url: String, from: String, to: [String], login: String = "", password: [UInt8] = [],
    message: [UInt8]
  ) {
    self.url = url
    self.from = from
    self.to = to
    self.login = login
    self.password = password
    self.message = message
  }
}

/// Sends mail over libcurl's SMTP, one at a time on a queue of its own.
///
/// Nothing goes out without TLS but to this machine itself: with `smtp://` the server must take
/// STARTTLS (RFC 3207). Source: https://curl.se/libcurl/c/CURLOPT_USE_SSL.html
public final class MailClient: Sendable {
  private let queue = DispatchQueue(label: "coffer.mail")
  private let authorityFile: String?
  /// The longest that one mail may take.
  private let wholeMilliseconds: Int

  /// Whether this machine itself must speak TLS too.
  private let isStrict: Bool

  /// Starts a client.
  ///
  /// - Parameters:
  ///   - authorityFile: A PEM file of trusted certificates instead of the system's.
  ///   - isStrict: Whether this machine itself must speak TLS too.
  ///   - wholeMilliseconds: The longest that one mail may take.
  public init(
    authorityFile: String? = nil, isStrict: Bool = false, wholeMilliseconds: Int = 60_000
  ) {
    precondition(CurlLoop.isReady, "libcurl cannot be initialised")
    self.authorityFile = authorityFile
    self.isStrict = isStrict
    self.wholeMilliseconds = wholeMilliseconds
  }

  /// Sends a mail; `done` is called once, on the client's own queue.
  ///
  /// - Parameters:
  ///   - mail: What to send.
  ///   - done: Gets the server's last reply code (RFC 5321, 4.2), or why there is none.
  public func send(
    _ mail: OutgoingMail, done: @escaping @Sendable (Result<Int, TransportFault>) -> Void
  ) {
    queue.async { [self] in done(carry(mail)) }
  }

  private func carry(_ mail: OutgoingMail) -> Result<Int, TransportFault> {
    guard let address = Address(mail.url), ["smtp", "smtps"].contains(address.scheme),
      !address.hasUser
    else {
      return .failure(
        TransportFault(.request("the address cannot be used"), host: "?", mayHaveBeenSent: false))
    }
    guard let easy = curl_easy_init() else {
      return .failure(
        TransportFault(.request("no memory"), host: address.host, mayHaveBeenSent: false))
    }
    defer { curl_easy_cleanup(easy) }
    let upload = Upload(mail.message)
    set(easy, mail, address, upload)
    var list: UnsafeMutablePointer<curl_slist>?
    for receiver in mail.to { list = curl_slist_append(list, "<\(receiver)>") }
    defer { if let list { cc_slist_wipe(list) } }
    _ = cc_set_list(easy, CURLOPT_MAIL_RCPT, list)
    let code = withExtendedLifetime(upload) { curl_easy_perform(easy) }
    var reply = 0
    _ = cc_get_long(easy, CURLINFO_RESPONSE_CODE, &reply)
    if code == CURLE_OK { return .success(reply) }
    // A refusal of the server is an answer; anything else is weather.
    if code != CURLE_PEER_FAILED_VERIFICATION, code != CURLE_USE_SSL_FAILED,
      (400..<600).contains(reply)
    {
      return .success(reply)
    }
    return .failure(
      TransportFault(
        MailClient.kind(of: code), host: address.host, mayHaveBeenSent: upload.wasRead))
  }

  private func set(
    _ easy: UnsafeMutableRawPointer, _ mail: OutgoingMail, _ address: Address, _ upload: Upload
  ) {
    _ = cc_set_str(easy, CURLOPT_URL, mail.url)
    _ = cc_set_str(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps")
    let need = address.isLoopback && !isStrict ? CURLUSESSL_TRY : CURLUSESSL_ALL
    _ = cc_set_long(easy, CURLOPT_USE_SSL, Int(need.rawValue))
    _ = cc_set_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    _ = cc_set_long(easy, CURLOPT_SSL_VERIFYPEER, 1)
    _ = cc_set_long(easy, CURLOPT_SSL_VERIFYHOST, 2)
    if let authorityFile {
      _ = cc_set_str(easy, CURLOPT_CAINFO, authorityFile)
      _ = cc_set_str(easy, CURLOPT_CAPATH, nil)
    }
    _ = cc_set_str(easy, CURLOPT_PROXY, "")
    _ = cc_set_long(easy, CURLOPT_NOSIGNAL, 1)
    _ = cc_set_long(easy, CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
    _ = cc_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, min(10_000, wholeMilliseconds))
    _ = cc_set_long(easy, CURLOPT_TIMEOUT_MS, wholeMilliseconds)
    if !mail.login.isEmpty {
      _ = cc_set_str(easy, CURLOPT_USERNAME, mail.login)
      _ = cc_set_str(easy, CURLOPT_PASSWORD, String(decoding: mail.password, as: UTF8.self))
    }
    _ = cc_set_str(easy, CURLOPT_MAIL_FROM, "<\(mail.from)>")
    _ = cc_set_long(easy, CURLOPT_UPLOAD, 1)
    _ = cc_set_ptr(easy, CURLOPT_READDATA, Unmanaged.passUnretained(upload).toOpaque())
    _ = cc_set_cb(easy, CURLOPT_READFUNCTION) { buffer, size, count, context in
      guard let buffer, let context else { return 0 }
      return Unmanaged<Upload>.fromOpaque(context).takeUnretainedValue()
        .give(UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
    }
  }

  /// The message while libcurl reads it.
  private final class Upload {
    private let bytes: [UInt8]
    private var place = 0
    private(set) var wasRead = false

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func give(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
      wasRead = true
      let count = min(buffer.count, bytes.count - place)
      buffer.copyBytes(from: bytes[place..<(place + count)])
      place += count
      return count
    }
  }

  private static func kind(of code: CURLcode) -> TransportFault.Kind {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: .dns
    case CURLE_COULDNT_CONNECT: .connect
    case CURLE_OPERATION_TIMEDOUT: .timeout(.whole)
    case CURLE_PEER_FAILED_VERIFICATION: .tls(.untrusted)
    case CURLE_USE_SSL_FAILED, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER: .tls(.handshake)
    case CURLE_SSL_CACERT_BADFILE: .tls(.authorityFile)
    case CURLE_LOGIN_DENIED: .malformed("the login was denied")
    case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR: .closed
    default: .malformed(String(cString: curl_easy_strerror(code)))
    }
  }
}
