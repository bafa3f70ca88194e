// SPDX-License-Identifier: Apache-2.0

/// A place among the decoded fields, found by the names that The Things Stack looks for.
enum DecodedLocation {
    /// The first `gps_<n>` object, else the first complete pair of coordinates at the top; nil when there is none, or when
    /// it is out of range or the two zeros of a receiver without a fix.
    static func location(in fields: [UInt8]) -> GeoLocation? {
        let text = JSONText(octets: fields)
        var found: [(name: String, value: Double)] = []
        var gps: Range<Int>?
        text.forEachMember(in: 0..<fields.count) { nameRange, value in
            // Names outside this set of first letters are none of ours: most fields cost one comparison.
            guard let first = fields[nameRange].first, mayBegin(first) else { return }
            guard let name = text.name(nameRange) else { return }
            if gps == nil, isCayenneName(name), text.isObject(value) { gps = value }
            if let number = text.number(value) { found.append((name, number)) }
        }
        if let gps {
            found.removeAll()
            text.forEachMember(in: gps) { nameRange, value in
                if let name = text.name(nameRange), let number = text.number(value) { found.append((name, number)) }
            }
        }
        return found.isEmpty ? nil : location(of: found)
    }

    private static func mayBegin(_ first: UInt8) -> Bool {
        switch first {
        case UInt8(ascii: "l"), UInt8(ascii: "L"), UInt8(ascii: "g"), UInt8(ascii: "a"), UInt8(ascii: "A"),
            UInt8(ascii: "h"):
            true
        default: false
        }
    }

    private static let pairs = [
        ("lat", "lon"), ("lat", "lng"), ("lat", "long"), ("latitude", "longitude"), ("Latitude", "Longitude"),
        ("latitudeDeg", "longitudeDeg"), ("gps_lat", "gps_lng"),
    ]
    private static let altitudes = ["alt", "altitude", "Altitude", "height", "gps_alt", "gpsalt"]
    private static let accuracies = ["acc", "accuracy", "hacc"]

    private static func isCayenneName(_ name: String) -> Bool {
        name.hasPrefix("gps_") && name.utf8.count > 4
            && name.utf8.dropFirst(4).allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func location(of members: [(name: String, value: Double)]) -> GeoLocation? {
        func value(_ name: String) -> Double? { members.first { $0.name == name }?.value }
        func first(_ names: [String]) -> Double? { names.lazy.compactMap(value).first }
        for (latitudeName, longitudeName) in pairs {
            guard let latitude = value(latitudeName), let longitude = value(longitudeName) else { continue }
            guard latitude != 0 || longitude != 0, latitude.magnitude <= 90, longitude.magnitude <= 180 else {
                return nil
            }
            return GeoLocation(
                latitude: latitude,
                longitude: longitude,
                altitude: first(altitudes),
                accuracy: first(accuracies),
                source: .gps,
            )
        }
        return nil
    }
}
