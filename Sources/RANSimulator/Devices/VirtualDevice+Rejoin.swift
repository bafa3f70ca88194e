// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN

/// How often the network wants rejoin-requests of type 0 (RejoinParamSetupReq, LoRaWAN 1.1 section 5.14).
struct RejoinPeriod {
    /// 0 to 15: after 2^(this + 10) s at the latest.
    var timeExponent: UInt8
    /// 0 to 15: after 2^(this + 4) uplinks at the latest.
    var countExponent: UInt8

    var time: Duration { .seconds(1 << (Int64(timeExponent) + 10)) }
    var uplinks: Int { 1 << (Int(countExponent) + 4) }
}

/// LoRaWAN 1.1: asking for a new session while there is one (section 6.2.4).
extension VirtualDevice {
    /// A rejoin-request that is due at a moment, and how often it is repeated while nobody answers.
    struct PlannedRejoin {
        var type: JoinRequestType
        var moment: MonotonicTime
        var repetitions = 0
        /// The least time between repetitions; up to 32 s more are drawn.
        var pause: Duration = .zero
        /// Nil for the one in use.
        var dataRate: DataRateIndex?
    }

    /// Asks for a rejoin-request now. False for a device that cannot send one: it must be one of LoRaWAN 1.1 that joins,
    /// and types 0 and 2 need a session.
    mutating func rejoin(_ type: JoinRequestType, at now: MonotonicTime) -> Bool {
        guard case .otaa = configuration.activation, configuration.version.is11, type != .join,
            type == .rejoin1 || session?.is11 == true
        else { return false }
        plannedRejoin = PlannedRejoin(type: type, moment: now)
        replan()
        return true
    }

    /// Follows a ForceRejoinReq (section 5.13): at once, so that no uplink comes between.
    mutating func forceRejoin(_ request: ForceRejoin, at moment: MonotonicTime) {
        guard rejoin(request.type == 2 ? .rejoin2 : .rejoin0, at: moment) else { return }
        plannedRejoin?.repetitions = Int(request.retries)
        plannedRejoin?.pause = .seconds(32 << Int64(request.period))
        plannedRejoin?.dataRate = request.dataRate
    }

    /// Counts time and uplinks to the next rejoin from now on.
    mutating func beginRejoins(at moment: MonotonicTime) {
        uplinksSinceRejoin = 0
        plannedRejoin = rejoinPeriod.map {
            PlannedRejoin(type: .rejoin0, moment: moment.advanced(by: $0.time.scaled(by: scale)))
        }
    }

    /// Plans a rejoin for when the windows of this uplink have closed, if it is time for one.
    mutating func noteUplinkForRejoin(rx1Delay: UInt8, at now: MonotonicTime) {
        guard let rejoinPeriod else { return }
        uplinksSinceRejoin += 1
        guard uplinksSinceRejoin >= rejoinPeriod.uplinks else { return }
        uplinksSinceRejoin = 0
        let closed = now.advanced(by: Duration.milliseconds(1000 * Int64(rx1Delay) + 1200).scaled(by: scale))
        plannedRejoin = PlannedRejoin(type: .rejoin0, moment: closed)
    }

    /// Sends a rejoin-request that is due.
    mutating func rejoinRequest(
        _ planned: PlannedRejoin,
        at now: MonotonicTime,
        random: inout SeededRandom,
    ) -> Transmission? {
        plannedRejoin = nil
        guard case .otaa(let joinEUI, let appKey, let nwkKey) = configuration.activation else { return nil }
        let frame: RejoinRequestFrame
        var key = JoinServerKeys(nwkKey: nwkKey ?? appKey, devEUI: configuration.devEUI).jsIntKey
        switch (planned.type, netID, session) {
        case (.rejoin1, _, _):
            frame = .restore(joinEUI: joinEUI, devEUI: configuration.devEUI, count: rejoinCounts.life)
            rejoinCounts.life &+= 1
        case (let type, let netID?, let session?) where session.is11:
            let count = rejoinCounts.session
            frame =
                type == .rejoin2
                ? .rekey(netID: netID, devEUI: configuration.devEUI, count: count)
                : .announce(netID: netID, devEUI: configuration.devEUI, count: count)
            rejoinCounts.session &+= 1
            key = session.keys.sNwkSIntKey
        default: return nil
        }
        if planned.repetitions > 0 {
            let pause = planned.pause + .milliseconds(Int64.random(in: 0...32_000, using: &random))
            plannedRejoin = planned
            plannedRejoin?.repetitions -= 1
            plannedRejoin?.moment = now.advanced(by: pause.scaled(by: scale))
        } else if let rejoinPeriod {
            let moment = now.advanced(by: rejoinPeriod.time.scaled(by: scale))
            plannedRejoin = PlannedRejoin(type: .rejoin0, moment: moment)
        }
        uplinksSinceRejoin = 0
        report.rejoinRequests += 1
        let octets = frame.encodedWithoutMIC()
        let mic = MIC.rejoinRequest(key: key, octets: octets)
        var radio = session?.radio ?? bootRadio
        if let dataRate = planned.dataRate, region.row(of: dataRate)?.isUplink == true { radio.dataRate = dataRate }
        let channel = radio.drawChannel(random: &random)
        return transmission(.rejoinRequest(frame), octets, mic, channel: channel, radio, at: now, random: &random)
    }
}
