// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// How an uplink came over the air.
public struct UplinkMetadata: Sendable, Hashable {
    /// One copy of the frame.
    public struct Gateway: Sendable, Hashable {
        /// Named after the RAN coverage that delivered the copy.
        public var id: String
        /// RFC 3339; nil without GPS time.
        public var time: String?
        /// dBm.
        public var rssi: Double
        /// dB.
        public var snr: Double
        /// Index of the channel.
        public var channel: Int
        /// Degrees, north and east positive; nil when unknown.
        public var latitude: Double?
        public var longitude: Double?
        /// Metres above sea level.
        public var altitude: Double?
    }

    /// When it arrived, RFC 3339; nil when unknown.
    public var time: String?
    /// MHz.
    public var frequency: Double
    /// `LORA`, `FSK` or `LR_FHSS`.
    public var modulation: String
    /// Such as `SF7BW125`; nil for FSK.
    public var dataRate: String?
    /// Bits a second; nil for LoRa.
    public var bitRate: Int?
    /// Time on the air.
    public var airtime: Duration
    /// Such as `4/5`.
    public var codingRate: String?
    /// The copies, the first one heard first.
    public var gateways: [Gateway]
    /// Where the device is, degrees, north and east positive; nil when unknown.
    public var latitude: Double?
    public var longitude: Double?
    /// Metres above sea level.
    public var altitude: Double?

    init(_ json: JSONValue) {
        time = json["time"]?.text.flatMap { $0.isEmpty ? nil : $0 }
        frequency = json["frequency"]?.double ?? 0
        modulation = json["modulation"]?.text ?? ""
        dataRate = json["data_rate"]?.text
        bitRate = json["bit_rate"]?.wholeNumber.flatMap { Int(exactly: $0) }
        airtime = .nanoseconds(json["airtime"]?.wholeNumber ?? 0)
        codingRate = json["coding_rate"]?.text
        gateways = (json["gateways"]?.elements ?? []).map { Gateway($0) }
        latitude = json["latitude"]?.double
        longitude = json["longitude"]?.double
        altitude = json["altitude"]?.double
    }
}

extension UplinkMetadata.Gateway {
    init(_ json: JSONValue) {
        id = json["gtw_id"]?.text ?? ""
        time = json["time"]?.text.flatMap { $0.isEmpty ? nil : $0 }
        rssi = json["rssi"]?.double ?? 0
        snr = json["snr"]?.double ?? 0
        channel = json["channel"]?.wholeNumber.flatMap { Int(exactly: $0) } ?? 0
        latitude = json["latitude"]?.double
        longitude = json["longitude"]?.double
        altitude = json["altitude"]?.double
    }
}
