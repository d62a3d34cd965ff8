// The network: HTTP over libcurl, web sockets and JSON in lines over swift-nio, and what makes them
// polite.
//
// Never follows a redirect, never speaks plain text beyond this machine, never lets a peer decide how
// much is read, and never puts a header or a query into a fault. Always tells whether a request that
// failed may have reached its venue.
//
// Read in this order: `TransportFault.swift`, `HTTPOptions.swift`, `HTTPClient.swift`,
// `CurlLoop.swift`, `CurlTransfer.swift`, `WebSocketClient.swift`, `WebSocketSession.swift`,
// `LineClient.swift`, `LineConnection.swift`, `AnswerCache.swift`, `ServerClock.swift`. Who may call
// when is `Limiter` in VenueKit.
