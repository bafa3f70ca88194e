// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Frames from the RAN.
extension NetworkServer {
    /// Every message ends in exactly one acknowledgement or rejection.
    mutating func receive(_ upstream: UpstreamFrame, random: inout some RandomNumberGenerator) {
        desk.expectFrame()
        let header = upstream.octets.first.map(MessageType.init(header:))
        let isActivation = header == .joinRequest || header == .rejoinRequest
        let slots = upstream.candidates.compactMap { devices.slot(of: $0) }
        guard !slots.isEmpty else {
            return reject(upstream, .unknownDevice(upstream.candidates, isActivation: isActivation))
        }
        for slot in slots where devices.read(slot, { $0.exchange.isPresent }) {
            if withSlot(slot, { $0.absorbCopy(upstream, &$1) }) { return }
        }
        do {
            switch try UplinkFrame(parsingWithoutMIC: upstream.octets) {
            case .data(let frame): receive(frame, in: upstream, slots)
            case .joinRequest(let request): receive(request, in: upstream, slots, random: &random)
            case .rejoinRequest(let request): receive(request, in: upstream, slots, random: &random)
            case .proprietary: reject(upstream, .unsupported(.proprietary, upstream.candidates))
            }
        } catch {
            let size = upstream.octets.count
            reject(upstream, .malformed(error, upstream.candidates, size: size, isActivation: isActivation))
        }
    }

    private mutating func receive(_ frame: DataFrame, in upstream: UpstreamFrame, _ slots: [Int]) {
        guard let solution = UplinkSolver.solve(frame, upstream, among: slots, of: devices) else {
            return rejectUnsolved(upstream, isActivation: false)
        }
        withSlot(solution.slot) { $0.receive(frame, solution, in: upstream, &$1) }
    }

    private mutating func receive(
        _ request: JoinRequestFrame,
        in upstream: UpstreamFrame,
        _ slots: [Int],
        random: inout some RandomNumberGenerator,
    ) {
        guard let slot = slots.first(where: { devices[$0].devEUI == request.devEUI }) else {
            return rejectUnsolved(upstream, isActivation: true)
        }
        guard let key = devices[slot].profile.rootKey else {
            return reject(upstream, .notOTAA(request.devEUI))
        }
        let mic = MIC.joinRequest(key: key, octets: upstream.octets)
        guard upstream.challenge.holds(mic) else { return rejectUnsolved(upstream, isActivation: true) }
        withSlot(slot) { $0.join(request, mic: mic, in: upstream, &$1, random: &random) }
    }

    private mutating func receive(
        _ request: RejoinRequestFrame,
        in upstream: UpstreamFrame,
        _ slots: [Int],
        random: inout some RandomNumberGenerator,
    ) {
        let slot = slots.first { devices[$0].devEUI == request.devEUI }
        let mics = slot.map { devices[$0].rejoinMICs(request, octets: upstream.octets) } ?? []
        guard let slot, let found = mics.first(where: { upstream.challenge.holds($0.mic) }) else {
            return rejectUnsolved(upstream, isActivation: true)
        }
        withSlot(slot) {
            $0.rejoin(request, mic: found.mic, isPending: found.isPending, in: upstream, &$1, random: &random)
        }
    }

    private mutating func rejectUnsolved(_ upstream: UpstreamFrame, isActivation: Bool) {
        let challenge = upstream.challenge.count
        reject(upstream, .micFailed(upstream.candidates, challenge: challenge, isActivation: isActivation))
    }

    private mutating func reject(_ upstream: UpstreamFrame, _ refusal: Refusal) {
        desk.effects.append(.reject(upstream.id, refusal))
    }
}
