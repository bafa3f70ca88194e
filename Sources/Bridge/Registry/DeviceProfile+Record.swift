// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer
internal import Store

extension DeviceProfile {
    /// What the network server needs of a registration.
    ///
    /// - Parameters:
    ///   - coverages: the configured coverages with their regions, in order.
    init(_ record: DeviceRecord, coverages: [CoverageRegion]) throws(RegistrationError) {
        guard let coverage = record.coverage.map({ name in coverages.firstIndex { $0.name == name } }) ?? 0 else {
            throw RegistrationError(
                field: "coverage",
                message: "no coverage '\(record.coverage ?? "")' is configured: "
                    + coverages.map(\.name).joined(separator: ", "),
            )
        }
        let region = try DeviceProfile.region(record.region, coverages[coverage])
        self.init(
            devEUI: record.devEUI,
            joinEUI: record.joinEUI,
            version: record.lorawanVersion,
            deviceClass: record.deviceClass,
            region: region,
            coverage: coverage,
            activation: Activation(record),
            checksFrameCounter: record.checksFrameCounter,
            uses32BitCounter: record.uses32BitCounter,
            allowsCounterReset: record.allowsCounterReset,
            usesADR: record.adrEnabled,
        )
    }

    private static func region(_ name: String?, _ coverage: CoverageRegion) throws(RegistrationError) -> Region {
        guard let name else { return coverage.region }
        guard let region = Region.named(name) else {
            throw RegistrationError(
                field: "region",
                message: "'\(name)' is no known region: \(Region.names.joined(separator: ", "))",
            )
        }
        return region
    }
}

extension DeviceProfile.Activation {
    init(_ record: DeviceRecord) {
        switch record.activation {
        case .otaa(let appKey, let nwkKey):
            self = .overTheAir(appKey: appKey, nwkKey: nwkKey)
        case .abp(let devAddr, let keys):
            self = .personalised(
                devAddr,
                keys,
                counterUp: record.initialFCntUp == 0 ? nil : record.initialFCntUp,
                counterDown: record.initialFCntDown,
            )
        }
    }
}

/// A coverage's name and the region of its devices.
struct CoverageRegion: Sendable {
    let name: String
    let region: Region
}

/// Why a registration cannot serve.
struct RegistrationError: Error, Hashable, CustomStringConvertible {
    /// The member that is wrong.
    let field: String
    /// What is wrong and what would be right.
    let message: String

    var description: String { "\(field): \(message)" }
}
