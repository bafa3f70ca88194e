// SPDX-License-Identifier: Apache-2.0
import JSON
import RANClient

/// An endpoint of a test's server.
func endpoint(
    _ peer: Peer,
    token: String = "s3cret+/token",
    request: Duration = .seconds(20),
    connect: Duration = .seconds(10),
) throws -> RANEndpoint {
    try RANEndpoint(url: peer.url, token: RANToken(token), connectTimeout: connect, requestTimeout: request)
}

extension StreamOptions {
    /// Connects again quickly.
    static var quick: StreamOptions {
        var options = StreamOptions()
        options.reconnect = ReconnectPolicy(minimum: .milliseconds(5), maximum: .milliseconds(40))
        return options
    }
}

/// An upstream message as the RAN writes it.
func upstreamJSON(
    transactionID: UInt64 = 1,
    devEUIs: [UInt64] = [0xFEDC_BA98_7654_3210],
    radio: String = #""LoRa":{"Spreading":7,"Bandwidth":125000}"#,
    payload: [UInt8] = [0x40, 1, 2, 3],
    mics: [UInt32] = [0xFFFF_FFFF, 7],
    extra: String = "",
) -> String {
    #"{"ProtocolVersion":1,"TransactionID":\#(transactionID),"DevEUIs":\#(devEUIs),"#
        + #""Radio":{"Frequency":868100000,\#(radio),"RSSI":-101.5,"SNR":-7.25},"#
        + #""PHYPayloadNoMIC":\#(payload),"MICChallenge":\#(mics)\#(extra)}"#
}
