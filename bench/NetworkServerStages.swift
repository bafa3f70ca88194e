// SPDX-License-Identifier: Apache-2.0
import Glibc
import LoRaWAN
import NetworkServer

/// What the state machine takes for an uplink and for a device: frames are made beforehand, nothing is JSON.
enum NetworkServerStages {
    static func measure() throws -> [Measurement] {
        func joined(_ fleet: inout Fleet) throws -> [AirDevice] {
            try (0..<devices).compactMap { try fleet.addJoined($0) }
        }
        func neighbours(_ fleet: inout Fleet) -> [AirDevice] {
            (0..<devices).map { fleet.addPersonalised($0, devAddr: DevAddr(rawValue: 0x2600_0001 + UInt32($0 / 16))) }
        }
        return try [
            uplink("network: an uplink, 2 candidates", challenge: 2, populate: joined),
            uplink("network: an uplink, 64 candidates", challenge: 64, populate: joined),
            uplink("network: an uplink, 4096 candidates", challenge: 4096, populate: joined),
            uplink("network: an uplink, 16 devices on its address", challenge: 2, populate: neighbours),
            deadlines("network: the deadlines of an uplink", populate: joined),
            join("network: a join"),
        ].compactMap { $0 }
    }

    private static let devices = 2048
    private static let rounds = 7

    /// Solving, deciphering, the session's change, the effects.
    private static func uplink(
        _ name: String,
        challenge: Int,
        populate: (inout Fleet) throws -> [AirDevice],
    ) rethrows -> Measurement? {
        guard var fleet = Fleet() else { return nil }
        var air = try populate(&fleet)
        var frames: [UpstreamFrame] = []
        var accepted = 0
        let measurement = Measurement.cpu(name, count: devices, rounds: rounds) { count in
            fleet.settle()
            frames = fleet.uplinks(of: &air, count: count, challenge: challenge)
        } _: { _ in
            for frame in frames { accepted += fleet.deliver(frame) ? 1 : 0 }
        }
        precondition(accepted == devices / 4 + rounds * devices, "every uplink is accepted")
        return measurement
    }

    /// The release of the copies, the end of the windows.
    private static func deadlines(
        _ name: String,
        populate: (inout Fleet) throws -> [AirDevice],
    ) rethrows -> Measurement? {
        guard var fleet = Fleet() else { return nil }
        var air = try populate(&fleet)
        return Measurement.cpu(name, count: devices, rounds: rounds) { count in
            for frame in fleet.uplinks(of: &air, count: count, challenge: 2) { _ = fleet.deliver(frame) }
        } _: { _ in
            fleet.settle()
        }
    }

    /// Judging a join-request, deriving the keys, answering.
    private static func join(_ name: String) throws -> Measurement? {
        guard var fleet = Fleet() else { return nil }
        let air = try (0..<devices).compactMap { try fleet.addJoined($0) }
        var frames: [UpstreamFrame] = []
        var nonce: UInt16 = 1
        var accepted = 0
        let measurement = Measurement.cpu(name, count: devices, rounds: rounds) { count in
            fleet.settle()
            nonce += 1
            frames = (0..<count).map { fleet.joinRequest(of: air[$0], number: $0, nonce: nonce) }
        } _: { _ in
            for frame in frames { accepted += fleet.deliver(frame) ? 1 : 0 }
        }
        precondition(accepted == devices / 4 + rounds * devices, "every join-request is accepted")
        return measurement
    }

    /// What devices take that joined, have a session in use and nothing under way. One number of devices a process: what
    /// another measurement left behind would hide it.
    static func memory() throws -> [Measurement] {
        let folder = try Folder()
        return try [1000, 10_000, 100_000, 1_000_000].map { count in
            let words = ["fleet", "\(count)"]
            let child = try Child(Stack.program, words, log: folder.file("memory.log"), talks: true)
            defer { child.stop() }
            guard let octets = try child.hear().first.flatMap({ Double($0) }) else {
                throw Child.Failure(description: "no number came for \(count) devices")
            }
            return Measurement("network: memory a device, \(count) devices", octets, "octets")
        }
    }

    /// Prints by how many octets a device the process grows with that many.
    static func printMemory(devices count: Int) throws {
        let before = residentOctets()
        guard var fleet = Fleet() else { return }
        for number in 0..<count {
            let device = try fleet.addJoined(number)
            precondition(device != nil, "every device joins")
        }
        fleet.settle()
        let growth = residentOctets() - before
        precondition(fleet.server.deviceCount == count, "every device is registered")
        print(growth / count)
    }

    /// Of this process, from proc(5).
    private static func residentOctets() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let fields = text.split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
    }
}
