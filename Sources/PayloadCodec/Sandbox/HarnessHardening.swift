// SPDX-License-Identifier: Apache-2.0

/// The part of the harness that takes the dangerous built-ins away and, in the shared realm, makes the others immutable,
/// so that nothing a formatter does outlives its call.
enum HarnessHardening {
    static let source = #"""

        for (const name of ['WebAssembly', 'Atomics', 'SharedArrayBuffer']) deleteProperty(G, name);
        const console = { log: write, info: write, warn: write, error: write, debug: write, trace: write, dir: write, table: write };
        for (const name of ['assert', 'clear', 'count', 'countReset', 'group', 'groupCollapsed', 'groupEnd', 'time', 'timeEnd', 'timeLog']) {
            console[name] = { [name]() {} }[name];
        }
        defineProperty(G, 'console', { value: console, writable: true, enumerable: false, configurable: true });
        let bufferClass;
        defineProperty(G, 'Buffer', {
            get: frozen ? () => bufferClass : () => (bufferClass === undefined ? bufferClass = makeBuffer() : bufferClass),
            set(replacement) { defineProperty(G, 'Buffer', { value: replacement, writable: true, enumerable: true, configurable: true }); },
            enumerable: false,
            configurable: true,
        });

        const found = new Set(), waiting = [];
        if (frozen) harden();

        function harden() {
            bufferClass = makeBuffer();
            // State of the engine that scripts could read and write: the last match, the caller, the result of writes to symbols.
            const legacy = ['input', '$_', 'multiline', '$*', 'lastMatch', '$&', 'lastParen', '$+', 'leftContext', '$`',
                'rightContext', "$'", '$1', '$2', '$3', '$4', '$5', '$6', '$7', '$8', '$9'];
            for (const name of legacy) deleteProperty(G.RegExp, name);
            deleteProperty(Function.prototype, 'caller');
            deleteProperty(Function.prototype, 'arguments');

            // Changes of the global object that `begin` would not see mark the realm as spent.
            for (const [owner, names] of [
                [G.Object, ['defineProperty', 'defineProperties', 'freeze', 'seal', 'preventExtensions']],
                [G.Reflect, ['defineProperty', 'preventExtensions']],
            ]) {
                for (const name of names) {
                    const original = owner[name];
                    const guarded = { [name](target, first, second) {
                        if (target === G) BYTES[TAINT] = 1;
                        return original(target, first, second);
                    } }[name];
                    defineProperty(owner, name, { value: guarded, writable: false, enumerable: false, configurable: false });
                }
            }
            // What makes promises leaves jobs that run before the next call.
            if (G.Array.fromAsync !== undefined) {
                const original = G.Array.fromAsync;
                const noticed = { fromAsync(...values) { seesJobs = true; return apply(original, this, values); } }.fromAsync;
                defineProperty(G.Array, 'fromAsync', { value: noticed, writable: false, enumerable: false, configurable: false });
            }
            // A symbol can name a member of the global object: whoever can hold one is noticed.
            for (const name of ['getOwnPropertySymbols', 'getOwnPropertyDescriptors']) {
                const original = G.Object[name];
                const noticed = { [name](target) { seesSymbols = true; return original(target); } }[name];
                defineProperty(G.Object, name, { value: noticed, writable: false, enumerable: false, configurable: false });
            }
            for (const name of ['Symbol', 'Proxy', 'Reflect', 'Promise']) {
                const original = G[name];
                const get = name === 'Promise' ? { get() { seesJobs = true; return original; } }.get
                    : { get() { seesSymbols = true; return original; } }.get;
                defineProperty(G, name, { get, enumerable: false, configurable: false });
                reachable(original);
            }
            for (const name of ownKeys(G)) {
                if (name === 'globalThis') {
                    defineProperty(G, name, { writable: false, enumerable: false, configurable: false });
                    continue;
                }
                const description = getOwnPropertyDescriptor(G, name);
                if ('value' in description) {
                    defineProperty(G, name, { writable: false, enumerable: false, configurable: false });
                    reachable(description.value);
                } else {
                    defineProperty(G, name, { enumerable: false, configurable: false, set: undefined });
                    reachable(description.get);
                }
            }
            reachable(bufferClass);
            // Built-ins without a name.
            const unnamed = [async () => {}, function* () {}, async function* () {}, [][Symbol.iterator](), ''[Symbol.iterator](),
                new Map().entries(), new Set().entries(), /a/g[Symbol.matchAll]('a'), (function* () {})(),
                (async function* () {})(), new Uint8Array(1)];
            if (typeof Iterator === 'function' && Iterator.from) unnamed.push([].values().map((x) => x), Iterator.from({ next() {} }));
            if (typeof Intl === 'object' && Intl.Segmenter) {
                const segments = new Intl.Segmenter('en').segment('a');
                unnamed.push(segments, segments[Symbol.iterator]());
            }
            for (const one of unnamed) reachable(getPrototypeOf(one));
            while (waiting.length > 0) visit(waiting.pop());
            for (const object of found) {
                if (forgiving(object)) soften(object);
                if (object === Error) seal(object);
                else freeze(object);
            }
        }

        // `Error.stackTraceLimit` changes the engine even where it is read-only: it stays writable, and `begin` sets it anew.
        function seal(object) {
            for (const name of ownKeys(object)) {
                if (name === 'stackTraceLimit') defineProperty(object, name, { writable: true, configurable: false });
                else defineProperty(object, name, { writable: false, configurable: false });
            }
            preventExtensions(object);
        }

        function forgiving(object) {
            return object === G.Object.prototype || object === Function.prototype || object === G.Array.prototype
                || (object instanceof Error && !(object === Error)) || object === Error.prototype;
        }

        // A frozen prototype would also refuse `object.toString = …` on objects that inherit from it: members become accessors
        // whose setter defines the member on the object that is written to.
        function soften(object) {
            for (const name of ownKeys(object)) {
                const description = getOwnPropertyDescriptor(object, name);
                if (!('value' in description) || !description.configurable) continue;
                const content = description.value;
                defineProperty(object, name, {
                    get: freeze({ get() { return content; } }.get),
                    set: freeze({ set(replacement) {
                        if (this === object) throw new TypeError('Attempted to assign to readonly property.');
                        defineProperty(this, name, { value: replacement, writable: true, enumerable: true, configurable: true });
                    } }.set),
                    enumerable: false,
                    configurable: false,
                });
            }
        }

        function reachable(value) {
            if ((typeof value !== 'object' && typeof value !== 'function') || value === null || value === G) return;
            if (found.has(value)) return;
            found.add(value);
            waiting.push(value);
        }

        function visit(object) {
            reachable(getPrototypeOf(object));
            for (const name of ownKeys(object)) {
                const description = getOwnPropertyDescriptor(object, name);
                if ('value' in description) reachable(description.value);
                else { reachable(description.get); reachable(description.set); }
            }
        }
        """#
}
