/// Finds the outline of a network from its connections.
///
/// A value that everything behind it depends on, and nothing before it, cuts the network; between
/// two cuts stands one layer, or several ways side by side, each of which is cut in turn. Names
/// take no part: blocks are found alike in every library's networks.
struct OutlineBuilder {
  let nodes: [DiagramNode]
  private let readers: [Int]
  /// Auxiliary outputs by the layer they start from.
  private var sides: [Int: [[Int]]] = [:]

  init(_ graph: Graph) {
    nodes = DiagramNode.nodes(of: graph)
    var readers = Array(repeating: 0, count: nodes.count)
    for node in nodes { for input in node.inputs { readers[input] += 1 } }
    self.readers = readers
    taken = OutlineBuilder.ancestors(of: graph.output.node, in: nodes)
    for auxiliary in graph.auxiliaries {
      let needed = OutlineBuilder.ancestors(of: auxiliary.value.node, in: nodes)
      let own = nodes.indices.filter { needed[$0] && !taken[$0] }
      let entry = own.flatMap { nodes[$0].inputs }.filter { taken[$0] }.max()
      for index in own { taken[index] = true }
      guard let entry else { continue }
      sides[entry, default: []].append(own)
      isSide.formUnion(own)
    }
  }

  private var taken: [Bool]
  private var isSide: Set<Int> = []

  /// The whole network behind the images.
  func outline() -> [Outline] {
    let main = nodes.indices.filter { $0 > 0 && taken[$0] && !isSide.contains($0) }
    var models = CellModels()
    return OutlineFolding.folded(outline(of: main, entry: 0)).map { models.related($0) }
  }

  private static func ancestors(of value: Int, in nodes: [DiagramNode]) -> [Bool] {
    var needed = Array(repeating: false, count: nodes.count)
    needed[value] = true
    for index in nodes.indices.reversed() where needed[index] {
      for input in nodes[index].inputs { needed[input] = true }
    }
    return needed
  }

  // MARK: - Cuts

  /// The outline of layers that read each other and `entry` only, the last of which is the result.
  func outline(of layers: [Int], entry: Int) -> [Outline] {
    var elements: [Outline] = []
    var previous = entry
    for segment in segments(of: layers, entry: entry) {
      append(segment, entry: previous, to: &elements)
      previous = segment[segment.count - 1]
      // Those of layers inside of branches are drawn there.
      let starts = if case .cell = elements.last { segment } else { Array(segment.suffix(1)) }
      for side in starts.flatMap({ sides[$0] ?? [] }) {
        elements.append(.side(OutlineFolding.folded(outline(of: side, entry: previous))))
      }
    }
    return elements
  }

  /// Cuts layers behind each value that is all the later ones need.
  private func segments(of layers: [Int], entry: Int) -> [[Int]] {
    var lastReader: [Int: Int] = [:]
    for layer in layers { for input in nodes[layer].inputs { lastReader[input] = layer } }
    var segments: [[Int]] = []
    var segment: [Int] = []
    var busyUntil = lastReader[entry] ?? entry
    for layer in layers {
      segment.append(layer)
      if busyUntil <= layer {
        segments.append(segment)
        segment = []
      }
      busyUntil = max(busyUntil, lastReader[layer] ?? layer)
    }
    return segment.isEmpty ? segments : segments + [segment]
  }

  private func append(_ segment: [Int], entry: Int, to elements: inout [Outline]) {
    let last = segment[segment.count - 1]
    if segment.count == 1 {
      if attach(nodes[last], to: &elements) { return }
      elements.append(.line(line(of: last)))
    } else if let branches = branches(of: segment, entry: entry) {
      elements.append(.branches(branches))
    } else {
      elements += CellBuilder(nodes: nodes, readers: readers).cells(of: segment, entry: entry)
    }
  }

  private func line(of layer: Int) -> OutlineLine {
    OutlineLine(
      captions: [nodes[layer].caption],
      name: nodes[layer].name,
      shape: nodes[layer].shape,
      isOpen: nodes[layer].caption.hasSuffix("padding")
    )
  }

  /// Says a layer on the line before it where it belongs there.
  private func attach(_ node: DiagramNode, to elements: inout [Outline]) -> Bool {
    guard let last = elements.last else { return false }
    switch last {
    case .line(var line) where node.isMinor || line.isOpen:
      line.captions.append(node.caption)
      line.shape = node.shape
      line.isOpen = false
      elements[elements.count - 1] = .line(line)
    case .branches(var branches) where node.isMinor && !node.hasParameters:
      branches.join.captions.append(node.caption)
      branches.join.shape = node.shape
      elements[elements.count - 1] = .branches(branches)
    default: return false
    }
    return true
  }

  // MARK: - Branches

  /// Ways side by side, where each has one end; nil where the layers are connected otherwise.
  private func branches(of segment: [Int], entry: Int) -> OutlineBranches? {
    let join = segment[segment.count - 1]
    let inner = Array(segment.dropLast())
    let component = components(of: inner)
    var columns: [[Outline]] = []
    var seen: Set<Int> = []
    for input in nodes[join].inputs {
      guard let number = component[input] else {
        columns.append([])
        continue
      }
      guard seen.insert(number).inserted else { return nil }
      let way = inner.filter { component[$0] == number }
      guard way.last == input else { return nil }
      columns.append(OutlineFolding.folded(outline(of: way, entry: entry)))
    }
    guard columns.count > 1, seen.count == Set(component.values).count else { return nil }
    return OutlineBranches(
      name: LayerNames.common(segment.map { nodes[$0].name }) ?? nodes[join].name,
      columns: columns,
      join: line(of: join),
      cell: CellBuilder(nodes: nodes, readers: readers).cell(of: segment, sources: [entry: "input"])
    )
  }

  /// Numbers layers so that those that are connected have one number.
  private func components(of layers: [Int]) -> [Int: Int] {
    var number: [Int: Int] = [:]
    for layer in layers {
      let met = Set(nodes[layer].inputs.compactMap { number[$0] })
      guard let kept = met.min() else {
        number[layer] = layer
        continue
      }
      number[layer] = kept
      if met.count > 1 {
        for (other, old) in number where met.contains(old) { number[other] = kept }
      }
    }
    return number
  }
}
