// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import Management
internal import NetworkServer
internal import Store

extension DeviceDescription {
    /// What is registered, as requests describe it.
    init(_ record: DeviceRecord) {
        self.init()
        devEUI = record.devEUI
        joinEUI = record.joinEUI
        switch record.activation {
        case .otaa(let appKey, let nwkKey):
            set(
                .overTheAir(joinEUI: record.joinEUI ?? EUI64(rawValue: 0), appKey: appKey, nwkKey: nwkKey),
                version: record.lorawanVersion,
            )
            joinEUI = record.joinEUI
        case .abp(let devAddr, let keys):
            set(.personalised(devAddr, keys), version: record.lorawanVersion)
        }
        deviceClass = record.deviceClass
        region = record.region
        coverage = record.coverage
        payloadFormat = record.payloadFormat?.rawValue
        codec = record.codec
        text = record.description
        latitude = record.latitude
        longitude = record.longitude
        altitude = record.altitude
        attributes = record.attributes
        fCntUp = record.initialFCntUp
        fCntDown = record.initialFCntDown
        disablesFCntCheck = !record.checksFrameCounter
        uses32BitFCnt = record.uses32BitCounter
        resetsFCnt = record.allowsCounterReset
        usesADR = record.adrEnabled
    }

    /// Adds what the session tells: counters, and the address and keys of a device that joined.
    mutating func tell(_ session: SessionStatus) {
        fCntUp = session.counterUp ?? fCntUp
        fCntDown = session.nextCounterDown
        guard appKey != nil else { return }
        devAddr = session.devAddr
        appSKey = session.keys.appSKey
        if effectiveVersion.is11 {
            fNwkSIntKey = session.keys.fNwkSIntKey
            sNwkSIntKey = session.keys.sNwkSIntKey
            nwkSEncKey = session.keys.nwkSEncKey
        } else {
            nwkSKey = session.keys.fNwkSIntKey
        }
    }
}

extension DeviceRecord {
    /// What a complete description registers.
    init(
        _ description: DeviceDescription,
        owner: DeviceDescription.Owner,
        createdAt: UnixTime,
        updatedAt: UnixTime,
    ) throws(ManagementFault) {
        guard let devEUI = description.devEUI else { throw .invalid("dev_eui", "is missing") }
        guard (description.latitude == nil) == (description.longitude == nil) else {
            throw .invalid(
                description.latitude == nil ? "latitude" : "longitude",
                "is missing: give both of a position or neither",
            )
        }
        var joinEUI = description.joinEUI
        let activation: ActivationRecord
        switch try description.activation() {
        case .overTheAir(let eui, let appKey, let nwkKey):
            joinEUI = eui
            activation = .otaa(appKey: appKey, nwkKey: nwkKey)
        case .personalised(let devAddr, let keys):
            activation = .abp(devAddr: devAddr, keys: keys)
        }
        self.init(
            applicationID: owner.applicationID,
            deviceID: owner.deviceID,
            devEUI: devEUI,
            joinEUI: joinEUI,
            activation: activation,
            lorawanVersion: description.effectiveVersion,
            deviceClass: description.deviceClass ?? .a,
            region: description.region,
            coverage: description.coverage,
            payloadFormat: description.payloadFormat.flatMap { ApplicationRecord.PayloadFormat(rawValue: $0) },
            codec: description.codec,
            description: description.text ?? "",
            latitude: description.latitude,
            longitude: description.longitude,
            altitude: description.altitude,
            attributes: description.attributes,
            checksFrameCounter: !(description.disablesFCntCheck ?? false),
            uses32BitCounter: description.uses32BitFCnt ?? true,
            allowsCounterReset: description.resetsFCnt ?? false,
            adrEnabled: description.usesADR ?? true,
            initialFCntUp: description.fCntUp ?? 0,
            initialFCntDown: description.fCntDown ?? 0,
            createdAt: createdAt,
            updatedAt: updatedAt,
        )
    }

    /// Whether another registration says the same; counters move by themselves and are not compared.
    func saysTheSame(as other: DeviceRecord) -> Bool {
        var other = other
        other.createdAt = createdAt
        other.updatedAt = updatedAt
        other.initialFCntUp = initialFCntUp
        other.initialFCntDown = initialFCntDown
        return self == other
    }
}
