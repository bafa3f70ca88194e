// SPDX-License-Identifier: Apache-2.0
internal import Concurrency

/// The faults in force.
struct ActiveFaults {
    /// Until when no connection is accepted.
    var refusesUntil = MonotonicTime(nanoseconds: 0)
    var refusesTokens = false
    var delay: Duration = .zero
    var httpStatus = 500
    var httpCount = 0
    var isFrozen = false
    var malformedEvery: Int?
    var malformedCount = 0
    var forcedCode = DownstreamResultCode.noAck
    var forcedMessage = ""
    var forcedResults = 0
    var ignoredDownstream = 0
    var dropInterval: Duration?
    var dropGeneration: UInt32 = 0

    /// Frames that no client should stumble over.
    static let malformedFrames = [
        "this is not JSON",
        "{",
        "[]",
        #"{"ProtocolVersion":1,"TransactionID":900000001}"#,
        #"{"ProtocolVersion":1,"TransactionID":"x","DevEUIs":[1],"Radio":{},"PHYPayloadNoMIC":[],"MICChallenge":[]}"#,
        #"{"ProtocolVersion":1,"TransactionID":900000002,"DevEUIs":[1],"Radio":{"Frequency":868100000,"#
            + #""LoRa":{"Spreading":7,"Bandwidth":125000},"RSSI":-60,"SNR":9},"MICChallenge":[1,2]}"#,
        #"{"ProtocolVersion":1,"TransactionID":900000003,"DevEUIs":[-1],"Radio":{"Frequency":868100000,"#
            + #""LoRa":{"Spreading":7,"Bandwidth":125000},"RSSI":-60,"SNR":9},"PHYPayloadNoMIC":[300],"MICChallenge":[1,2]}"#,
    ]
}

extension Simulation {
    /// Makes a fault happen.
    func inject(_ fault: Fault) {
        watchers.hasNews = true
        switch fault {
        case .dropSockets(let sockets):
            for socket in self.sockets(sockets) { server?.drop(socket) }
        case .closeSockets(let sockets, let code):
            for socket in self.sockets(sockets) { server?.send([], as: .close(code), on: socket) }
        case .dropUpstreamEvery(let interval):
            faults.dropInterval = interval
            faults.dropGeneration += 1
            planDrop()
        case .refuseConnections(let duration): faults.refusesUntil = MonotonicTime.now.advanced(by: duration)
        case .refuseTokens(let refuses): faults.refusesTokens = refuses
        case .slow(let delay): faults.delay = delay
        case .httpStatus(let status, let count):
            faults.httpStatus = status
            faults.httpCount = count
        case .freezeSockets(let isFrozen):
            faults.isFrozen = isFrozen
            for socket in sockets(.all) { server?.setFrozen(isFrozen, socket) }
        case .sendUpstream(let texts):
            for socket in upstreamSockets {
                for text in texts { server?.send(Array(text.utf8), on: socket) }
            }
        case .malformedEvery(let number): faults.malformedEvery = number
        case .downstreamResult(let code, let message, let count):
            faults.forcedCode = code
            faults.forcedMessage = message
            faults.forcedResults = count
        case .ignoreDownstream(let count): faults.ignoredDownstream = count
        }
    }

    /// Cuts the next upstream socket in turn, and plans the one after.
    func dropNextUpstream(generation: UInt32) {
        guard generation == faults.dropGeneration else { return }
        if !upstreamSockets.isEmpty { server?.drop(upstreamSockets[nextUpstreamSocket % upstreamSockets.count]) }
        planDrop()
    }

    /// Sends a malformed frame when it is time for one.
    func sendMalformedIfDue(on socket: WebConnection) {
        guard let every = faults.malformedEvery, every > 0 else { return }
        faults.malformedCount += 1
        guard faults.malformedCount % every == 0 else { return }
        let frames = ActiveFaults.malformedFrames
        server?.send(Array(frames[faults.malformedCount / every % frames.count].utf8), on: socket)
    }

    private func planDrop() {
        guard let interval = faults.dropInterval, interval > .zero else { return }
        let event = Event.dropUpstream(generation: faults.dropGeneration)
        timers.schedule(event, at: MonotonicTime.now.advanced(by: interval))
    }

    private func sockets(_ which: Fault.Sockets) -> [WebConnection] {
        switch which {
        case .upstream: upstreamSockets
        case .downstream: downstreamSockets
        case .all: upstreamSockets + downstreamSockets
        }
    }
}
