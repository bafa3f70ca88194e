// SPDX-License-Identifier: Apache-2.0
import Concurrency
import JSON
import LoRaWAN
import RANSimulator
import Testing

/// The network's half of the protocol, just enough to answer a virtual device.
enum TestNetwork {
    static let netID = NetID(rawValue: 0x13) ?? { preconditionFailure("a NetID below 2^24") }()

    static func wallNanoseconds() -> Int64 { WallClock.nanoseconds }

    static func key(_ last: UInt8) -> AES128Key {
        AES128Key(octets: [UInt8](repeating: 0x2B, count: 15) + [last]) ?? { preconditionFailure("16 octets") }()
    }

    static func abp(_ name: String, _ number: UInt64, address: UInt32 = 0x2601_1A01) -> VirtualDeviceConfiguration {
        VirtualDeviceConfiguration(
            name: name,
            devEUI: EUI64(rawValue: number),
            activation: .abp(devAddr: DevAddr(rawValue: address), keys: keys(number)),
        )
    }

    static func otaa(_ name: String, _ number: UInt64) -> VirtualDeviceConfiguration {
        VirtualDeviceConfiguration(
            name: name,
            devEUI: EUI64(rawValue: number),
            activation: .otaa(
                joinEUI: EUI64(rawValue: 0x70B3_D57E_D0F0_0001),
                appKey: key(UInt8(truncatingIfNeeded: number))
            ),
        )
    }

    static func keys(_ number: UInt64) -> SessionKeys {
        SessionKeys(
            nwkSKey: key(UInt8(truncatingIfNeeded: number) &+ 100),
            appSKey: key(UInt8(truncatingIfNeeded: number) &+ 150)
        )
    }

    /// What an upstream message holds.
    struct Upstream {
        var transactionID: UInt64
        var devEUIs: [UInt64]
        var octets: [UInt8]
        var challenge: [UInt64]
        var frequency: UInt64
        var value: JSONValue

        init(_ value: JSONValue) throws {
            self.value = value
            transactionID = try #require(value["TransactionID"]?.unsignedNumber)
            devEUIs = try #require(value["DevEUIs"]?.elements).compactMap(\.unsignedNumber)
            octets = try #require(value["PHYPayloadNoMIC"]?.elements).compactMap { $0.unsignedNumber.map { UInt8($0) } }
            challenge = try #require(value["MICChallenge"]?.elements).compactMap(\.unsignedNumber)
            frequency = try #require(value["Radio"]?["Frequency"]?.unsignedNumber)
        }

        var spreading: Int? { value["Radio"]?["LoRa"]?["Spreading"]?.unsignedNumber.map { Int($0) } }

        var frame: UplinkFrame {
            get throws { try UplinkFrame(parsingWithoutMIC: octets) }
        }

        var data: DataFrame {
            get throws {
                guard case .data(let frame) = try frame else { throw SocketClient.Failure(sentence: "no data frame") }
                return frame
            }
        }

        func mic(_ keys: SessionKeys) throws -> UInt32 {
            let frame = try data
            let counter = UInt32(frame.counter)
            return MIC.dataUplink10(key: keys.fNwkSIntKey, devAddr: frame.devAddr, counter: counter, octets: octets)
                .rawValue
        }
    }

    static func ack(_ upstream: Upstream, _ devEUI: EUI64, _ mic: UInt32) -> String {
        #"{"ProtocolVersion":1,"TransactionID":\#(upstream.transactionID),"DevEUI":\#(devEUI.rawValue),"MIC":\#(mic)}"#
    }

    static func reject(_ upstream: Upstream, _ code: String) -> String {
        #"{"ProtocolVersion":1,"TransactionID":\#(upstream.transactionID),"ResultCode":"\#(code)"}"#
    }

    /// A data downlink, signed and encrypted.
    static func downlink(
        _ keys: SessionKeys,
        _ devAddr: DevAddr,
        counter: UInt32,
        port: UInt8? = 10,
        payload: [UInt8] = [1, 0xFF],
        isConfirmed: Bool = false,
        isAck: Bool = false,
        options: [UInt8] = [],
    ) -> [UInt8] {
        let cipher = FRMPayloadCipher.apply(
            key: keys.appSKey,
            direction: .down,
            devAddr: devAddr,
            counter: counter,
            payload: port == nil ? [] : payload,
        )
        let frame = DataFrame(
            direction: .down,
            isConfirmed: isConfirmed,
            devAddr: devAddr,
            control: FrameControl(ack: isAck),
            counter: UInt16(truncatingIfNeeded: counter),
            options: options,
            port: port,
            payload: cipher,
        )
        let octets = frame.encodedWithoutMIC()
        let mic = MIC.dataDownlink10(key: keys.sNwkSIntKey, devAddr: devAddr, counter: counter, octets: octets)
        return octets + mic.octets
    }

    /// The text of a Downstream message.
    static func downstream(
        _ transactionID: UInt64,
        _ devEUI: EUI64,
        _ phyPayload: [UInt8],
        timing: String = #""Delay":1"#,
        frequency: UInt64,
        spreading: Int = 7,
        target: DevAddr? = nil,
    ) -> String {
        let octets = phyPayload.map(\.description).joined(separator: ",")
        let target = target.map { #""TargetDevAddr":\#($0.rawValue),"# } ?? ""
        return #"{"ProtocolVersion":1,"TransactionID":\#(transactionID),"DevEUI":\#(devEUI.rawValue),\#(target)"#
            + #""TxWindow":{"Radio":{"Frequency":\#(frequency),"LoRa":{"Spreading":\#(spreading),"Bandwidth":125000}},\#(timing)},"#
            + #""PHYPayload":[\#(octets)]}"#
    }
}
