// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Testing

@testable import Bridge

@Suite struct ReadinessTests {
    @Test("it serves when all doors are open, is ready when the tables are in line, and says each once")
    func steps() {
        let said = Mutex<[String]>([])
        let readiness = Readiness(
            [.broker, .downstream(0), .routingTable(0), .groups(0)],
            serving: { said.withLock { $0.append("serving") } },
            ready: { said.withLock { $0.append("ready") } },
        )
        readiness.reach(.broker)
        readiness.reach(.groups(0))
        #expect(said.withLock(\.self) == [])
        readiness.reach(.downstream(0))
        readiness.reach(.downstream(0))
        #expect(said.withLock(\.self) == ["serving"])
        #expect(!readiness.isReady)
        readiness.reach(.routingTable(0))
        readiness.reach(.broker)
        #expect(said.withLock(\.self) == ["serving", "ready"])
        #expect(readiness.isReady)
    }
}
