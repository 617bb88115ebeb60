// SPDX-License-Identifier: BSD-2-Clause
// Draws a page walk out of the JSON beside it, and steps through it.
(() => {
	const {at, make, code, heads} = page;
	const row = page.data("walk");

	// The digits of some bits of a value.
	function digits(value, part) {
		return (BigInt(value) >> BigInt(part.bit)).toString(2)
			.padStart(part.width, "0").slice(-part.width);
	}

	function place(part) {
		return part.width > 1
			? `bits ${part.bit + part.width - 1} to ${part.bit}`
			: `bit ${part.bit}`;
	}

	// What one part says, in one line.
	function meaning(part, value) {
		const bits = digits(value, part);
		const says = part.width > 1
			? `${BigInt("0b" + bits)} (0b${bits})` : bits;

		return `${part.name || "unnamed"}, ${place(part)}, is ${says}`
			+ (part.words ? `: ${part.words}` : "");
	}

	const colour = (part, i) => part.name ? `c${i % 6}` : "none";

	// A strip of parts, and a list of them; pointing at one marks both.
	function strip(parts, value, what) {
		const list = make("ul", {class: "bits", "aria-label": what});
		const says = make("p", {class: "meaning"},
			"Point at a part, or go to it with the arrow keys.");
		const body = make("tbody");
		const rows = [], buttons = [];

		const point = (i) => {
			rows.forEach((r, j) => r.classList.toggle("pointed", i === j));
			buttons.forEach((b, j) => b.classList.toggle("pointed", i === j));
			says.textContent = meaning(parts[i], value);
		};
		parts.forEach((part, i) => {
			const button = make("button", {type: "button",
				class: colour(part, i), "aria-label": meaning(part, value)},
				make("span", {class: "name"}, part.name || "\u00b7"),
				make("span", {class: "ones"}, digits(value, part)),
				make("span", {class: "place"}, part.width > 1
					? `${part.bit + part.width - 1}\u2013${part.bit}`
					: `${part.bit}`));
			const line = make("tr", null,
				make("td", null, make("span", {class: `swatch ${colour(part, i)}`,
					"aria-hidden": "true"}), part.name || "unnamed"),
				make("td", {class: "mono"}, part.width > 1
					? `${part.bit + part.width - 1}\u2013${part.bit}` : `${part.bit}`),
				make("td", null, code(part.value)),
				make("td", {class: "words"}, part.words || ""));

			for (const e of [button, line])
				e.addEventListener("mouseenter", () => point(i));
			button.addEventListener("focus", () => point(i));
			button.addEventListener("click", () => point(i));
			buttons.push(button);
			rows.push(line);
			list.append(make("li", null, button));
			body.append(line);
		});
		return [list, says, make("div", {class: "scroll"},
			make("table", null, make("caption", null, `${what}, part by part`),
				heads("part", "bits", "value", "what it says"), body))];
	}

	// The table, with the entries around the one that was taken.
	function around(level) {
		const body = make("tbody");

		for (const e of level.around || [])
			body.append(make("tr", {"aria-current":
				e.index === level.index ? "true" : null},
				make("td", null, String(e.index)
					+ (e.index === level.index ? " \u2190" : "")),
				make("td", null, code(e.entry)),
				make("td", null, e.entry === "0x0" ? "nothing" : e.bits)));
		return make("div", {class: "scroll"}, make("table", {class: "around"},
			make("caption", null,
				`The ${level.level} at ${level.table}, around entry ${level.index}`),
			heads("index", "entry", "bits"), body));
	}

	function section(title, ...children) {
		return make("section", {hidden: true},
			make("h2", {tabindex: "-1"}, title), ...children);
	}

	const steps = [];

	function addAddress() {
		const root = row.levels.length
			? make("p", null, "The root of the tables gives the first one: ",
				code(row.levels[0].table_from)) : "";

		steps.push({name: "address", digits: row.address, section:
			section(`The address ${row.address}`,
				make("p", null, "Each level of the tables takes some bits of the "
					+ "address as the index of an entry; what is left is the "
					+ "offset into the page."),
				...strip(row.address_parts, row.address, "The address"), root)});
	}

	function rights(level) {
		if (level.leads_to === null)
			return "";
		return make("p", {class: "rights"}, "Permitted so far: "
			+ (level.user ? "user mode too" : "the kernel alone") + ", "
			+ (level.write ? "writes" : "no writes") + ", "
			+ (level.no_execute ? "no execution" : "execution") + ".");
	}

	function addLevel(level, i) {
		const index = row.address_parts.find((p) => p.name === level.level);
		const next = row.levels[i + 1];
		const bytes = (level.parts || []).reduce((n, p) => n + p.width, 0) / 8;
		const way = level.leads_to === null ? "The walk ends here."
			: next ? "Its address bits lead to the next table: "
				: "Its address bits are where the page lies: ";

		steps.push({name: level.level, digits: index
			? `${digits(row.address, index)} = ${level.index}` : "", section:
			section(`${level.level}: entry ${level.index} of the table at ${level.table}`,
				make("p", null, "The table: ", code(level.table_from)),
				make("p", null, "The entry: ", code(bytes
					? `${level.table} + ${level.index} * ${bytes} = ${level.entry_at}`
					: level.entry_at), level.entry === null
					? " cannot be read." : " holds ", level.entry === null
					? "" : code(level.entry)),
				around(level),
				make("h3", null, "The entry, bit by bit"),
				...(level.parts ? strip(level.parts, level.entry, "The entry") : []),
				make("p", null, way, level.leads_to === null ? ""
					: code(next ? next.table_from : level.leads_to)),
				rights(level))});
	}

	function addResult() {
		const body = make("tbody");

		for (const a of row.accesses)
			body.append(make("tr", null, make("td", null, a.access),
				make("td", {class: a.works ? "works" : "faults"},
					a.works ? "works" : "faults"),
				make("td", null, a.because || "")));
		steps.push({name: "result", digits: row.physical || row.result, section:
			section(`Result: ${row.result}`
				+ (row.physical ? `, ${row.physical}` : ""),
				row.accesses.length ? make("div", {class: "scroll"},
					make("table", null, make("caption", null, "What accesses come to"),
						heads("access", "", "because"), body)) : "",
				...row.says.map((s) => make("p", {class: `says-${s.about}`}, s.words)))});
	}

	let step = 0;

	function show(n, first) {
		const inside = steps[step].section.contains(document.activeElement);
		const s = steps[n];

		step = n;
		steps.forEach((other, i) => {
			other.section.hidden = i !== n;
			if (i === n)
				other.button.setAttribute("aria-current", "step");
			else
				other.button.removeAttribute("aria-current");
		});
		at("back").disabled = n === 0;
		at("next").disabled = n === steps.length - 1;
		at("count").textContent = `${n + 1} of ${steps.length}`;
		if (!first)
			at("live").textContent = `Step ${n + 1} of ${steps.length}: `
				+ s.section.querySelector("h2").textContent;
		// The focus is not to be lost with a section that goes.
		if (inside && !first)
			s.section.querySelector("h2").focus();
	}

	// From part to part of the strip that is seen.
	function move(by) {
		const parts = [...steps[step].section.querySelectorAll(".bits button")];
		const now = parts.indexOf(document.activeElement);
		const to = now < 0 ? (by > 0 ? 0 : parts.length - 1) : now + by;

		if (!parts[to])
			return false;
		parts[to].focus();
		return true;
	}

	const keys = {
		ArrowLeft: () => step > 0 && (show(step - 1), true),
		ArrowRight: () => step < steps.length - 1 && (show(step + 1), true),
		Home: () => (show(0), true),
		End: () => (show(steps.length - 1), true),
		ArrowUp: () => move(-1),
		ArrowDown: () => move(1),
	};

	addAddress();
	row.levels.forEach(addLevel);
	addResult();
	steps.forEach((s, i) => {
		s.button = make("button", {type: "button"}, s.name,
			make("span", {class: "digits"}, s.digits));
		s.button.addEventListener("click", () => show(i));
		at("steps").append(make("li", null, s.button));
		at("main").append(s.section);
	});
	at("title").textContent = document.title = `The page walk of ${row.address}`;
	at("about").textContent = (row.pid === null ? "" : `Process ${row.pid} (${row.comm}), `)
		+ `${row.paging} paging, root ${row.root}`
		+ (row.symbol === null ? "" : `, ${row.symbol}`);
	at("back").addEventListener("click", () => keys.ArrowLeft());
	at("next").addEventListener("click", () => keys.ArrowRight());
	page.listen(keys);
	show(0, true);
})();
