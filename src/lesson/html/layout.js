// SPDX-License-Identifier: BSD-2-Clause
// Draws a map of virtual memory out of the JSON beside it, and zooms into it.
(() => {
	const {at, make, code, heads} = page;
	const row = page.data("layout");
	const MANY = 150, GROUPS = 40, TOP = 1n << 64n;

	// 4096n as "4 KiB", 5000n as "4.88 KiB".
	function sized(bytes) {
		const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
		let unit = 0, left = bytes;

		while (left >= 1024n && unit < 6) {
			left >>= 10n;
			unit++;
		}
		const part = Number(bytes * 100n >> BigInt(10 * unit)) / 100;

		return `${part} ${units[unit]}`;
	}

	const hex = (n) => `0x${n.toString(16)}`;

	// A part of the map; what has children opens.
	function piece(name, start, end, colour, facts, children) {
		return {name, colour, facts, children: children || [],
			start: BigInt(start), end: end === null ? TOP : BigInt(end)};
	}

	const gap = (start, end) => piece("not mapped", start, end, "none", []);

	const size = (p) => p.end - p.start;
	const mapped = (all) => all.filter((p) => p.colour !== "none")
		.reduce((sum, p) => sum + size(p), 0n);

	const together = (some, children) => some.length === 1 ? some[0]
		: piece(`${some.length} parts`, some[0].start,
			some[some.length - 1].end, "c3",
			[`${sized(mapped(some))} mapped`], children);

	// As many parts in each.
	function share(all) {
		if (all.length <= MANY)
			return all;
		const each = Math.ceil(all.length / GROUPS), out = [];

		for (let i = 0; i < all.length; i += each) {
			const some = all.slice(i, i + each);

			out.push(together(some, share(some)));
		}
		return out;
	}

	// Too many to be seen at once are put together between the largest gaps.
	function fold(all, depth = 0) {
		if (all.length <= MANY || depth === 3)
			return share(all);
		const gaps = all.filter((p, i) => p.colour === "none" && i
			&& i < all.length - 1).sort((a, b) => size(a) < size(b) ? 1 : -1);
		const cuts = new Set(gaps.slice(0, GROUPS / 2));

		if (!cuts.size)
			return share(all);
		const out = [];
		let some = [];

		const close = () => {
			if (some.length)
				out.push(together(some, fold(some, depth + 1)));
			some = [];
		};
		for (const p of all) {
			if (cuts.has(p)) {
				close();
				out.push(p);
			} else {
				some.push(p);
			}
		}
		close();
		return out;
	}

	// The mappings of a region, and what is between them.
	function mappings(region, start, end) {
		const out = [];
		let here = start;

		for (const m of row.mappings) {
			const from = BigInt(m.start);
			const to = m.end === null ? TOP : BigInt(m.end);

			if (from < start || from >= end)
				continue;
			if (from > here)
				out.push(gap(here, from));
			out.push(piece(m.perms, from, m.end, m.perms === "rwx" ? "c0"
				: m.perms === "r-x" ? "c4" : m.perms === "rw-" ? "c1" : "c2",
				[`in pages of ${sized(BigInt(m.page_size))}`]));
			here = to;
		}
		if (out.length && here < end)
			out.push(gap(here, end));
		return fold(out);
	}

	function kernelPieces() {
		return row.regions.map((r, i) => {
			const start = BigInt(r.start);
			const end = r.end === null ? TOP : BigInt(r.end);
			const named = !["hole", "guard_hole", "non_canonical"].includes(r.region);
			const borders = row.borders.filter((b) => BigInt(b.value) >= start
				&& BigInt(b.value) < end).map((b) => `${b.name} is ${b.value}`);

			return piece(r.region, r.start, r.end, named ? `c${i % 6}` : "none",
				[r.description, r.mapped ? `${sized(BigInt(r.mapped))} mapped`
					: "nothing mapped", ...borders], mappings(r, start, end));
		});
	}

	const colours = {"text": "c4", "read-only data": "c2", "data": "c1",
		"bss": "c1", "heap": "c3", "mmap": "c5", "stack": "c0",
		"thread stack": "c0"};

	function processPieces() {
		return fold(row.segments.map((s) => {
			const facts = [s.perms, s.name, s.tid === null ? null : `thread ${s.tid}`,
				s.details].filter((fact) => fact);

			return piece(s.kind, s.start, s.end, s.perms === null ? "none"
				: colours[s.kind] || "c2", facts);
		}));
	}

	const isProcess = row.segments !== undefined;
	const children = isProcess ? processPieces() : kernelPieces();
	const root = piece(isProcess ? "all of the process" : "all addresses",
		children[0].start, hex(children[children.length - 1].end), "none", [],
		children);
	const way = [root];
	let buttons = [];

	const words = (p) => [`${hex(p.start)} to ${hex(p.end - 1n)}`,
		sized(size(p)), ...p.facts].join(", ");
	const tell = (p) => `${p.name}: ${words(p)}`
		+ (p.children.length ? `; ${p.children.length} parts` : "");

	// Each doubling of the size is as much higher.
	const height = (p) => 1.55 + 0.13 * Math.max(0,
		size(p).toString(2).length - 13);

	function button(p) {
		const b = make("button", {type: "button", "aria-label": tell(p),
			class: `${p.colour}${p.children.length ? " opens" : ""}`},
			make("span", {class: "digits"}, hex(p.start)),
			make("span", {class: "name"}, p.name),
			make("span", {class: "words"}, p.facts.slice(0, 2).join(", ")),
			make("span", {class: "size"}, sized(size(p))),
			make("span", {class: "mark", "aria-hidden": "true"}));
		const say = () => {
			at("says").textContent = tell(p);
		};

		b.style.minHeight = `${height(p)}rem`;
		b.addEventListener("mouseenter", say);
		b.addEventListener("focus", say);
		b.addEventListener("click", () => open(p));
		return b;
	}

	// The same as a table: for paper, and for whoever reads it aloud.
	function table(p) {
		const body = make("tbody");

		for (const c of p.children)
			body.append(make("tr", null, make("td", null, c.name),
				make("td", null, code(hex(c.start))),
				make("td", null, code(hex(c.end - 1n))),
				make("td", {class: "size"}, sized(size(c))),
				make("td", {class: "words"}, c.facts.join(", "))));
		return make("table", null, make("caption", null,
			`${p.name}, as a table`),
			heads("part", "first", "last", "size", ""), body);
	}

	function show() {
		const p = way[way.length - 1];

		buttons = p.children.map(button);
		at("part").textContent = p.name;
		at("facts").textContent = words(p);
		at("map").replaceChildren(...buttons.map((b) => make("li", null, b)));
		at("map").setAttribute("aria-label", `Parts of ${p.name}`);
		at("list").replaceChildren(table(p));
		at("says").textContent = "Point at a part, or go to it with the arrow keys.";
		at("count").textContent = `${p.children.length} parts`;
		at("up").disabled = way.length === 1;
		at("way").replaceChildren(...way.map((w, i) => {
			const b = make("button", {type: "button"}, w.name);

			b.addEventListener("click", () => back(i));
			return make("li", null, i === way.length - 1
				? make("span", {"aria-current": "location"}, w.name) : b);
		}));
	}

	function open(p) {
		if (!p.children.length)
			return false;
		way.push(p);
		show();
		at("live").textContent = `${p.name}: ${p.children.length} parts`;
		at("part").focus();
		at("part").scrollIntoView({block: "nearest"});
		return true;
	}

	// Out to a part on the way; the focus goes to where it was opened.
	function back(to) {
		const from = way[to + 1];

		if (!from || to < 0)
			return false;
		way.length = to + 1;
		show();
		at("live").textContent = `${way[to].name}: ${way[to].children.length} parts`;
		buttons[way[to].children.indexOf(from)].focus();
		return true;
	}

	const focused = () => buttons.indexOf(document.activeElement);

	function go(to) {
		if (!buttons[to])
			return false;
		buttons[to].focus();
		return true;
	}

	const out = () => back(way.length - 2);
	const into = () => focused() >= 0
		&& open(way[way.length - 1].children[focused()]);

	at("title").textContent = document.title = isProcess
		? `The memory of process ${row.pid} (${row.comm})`
		: "The kernel's virtual memory";
	at("about").textContent = isProcess
		? `randomize_va_space ${row.randomize_va_space}, ${row.randomized
			? "moved when it was started" : "not moved"}`
			+ row.random.map((r) => `, ${r.what} by ${r.by}`).join("")
		: "All addresses of 64 bits, and what the kernel's own tables map."
			+ (row.left_out ? ` ${row.left_out} mappings are left out.` : "");
	if (page.whole("layout").error)
		at("about").append(` Not all of it: ${page.whole("layout").error.text}.`);
	at("up").addEventListener("click", out);
	page.listen({
		ArrowUp: () => go(focused() < 0 ? buttons.length - 1 : focused() - 1),
		ArrowDown: () => go(focused() + 1),
		Home: () => go(0),
		End: () => go(buttons.length - 1),
		ArrowRight: into,
		ArrowLeft: out,
		Escape: out,
	});
	show();
})();
