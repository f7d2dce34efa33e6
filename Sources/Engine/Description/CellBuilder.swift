/// Describes layers whose connections columns cannot show: what reads several earlier results, as
/// the cells of NASNet do.
struct CellBuilder {
  let nodes: [DiagramNode]
  /// How many layers read each value.
  let readers: [Int]

  /// The layers as cells, cut behind each join after which no more than two values are needed.
  ///
  /// A cell reads the one before; what only prepares an older value belongs to the cell behind it.
  func cells(of layers: [Int], entry: Int) -> [Outline] {
    var lastReader: [Int: Int] = [:]
    for layer in layers { for input in nodes[layer].inputs { lastReader[input] = layer } }
    var pieces: [[Int]] = []
    var piece: [Int] = []
    var result = entry
    var readsResult = false
    var live = lastReader[entry] == nil ? 0 : 1
    for layer in layers {
      piece.append(layer)
      readsResult = readsResult || nodes[layer].inputs.contains(result)
      live -= Set(nodes[layer].inputs).count { lastReader[$0] == layer }
      if lastReader[layer] != nil { live += 1 }
      if live <= 2, readsResult, nodes[layer].isJoin, lastReader[layer] != nil {
        pieces.append(piece)
        piece = []
        result = layer
        readsResult = false
      }
    }
    if !piece.isEmpty { pieces.append(piece) }

    var results = [entry]
    return pieces.map { piece in
      var sources: [Int: String] = [:]
      for (distance, value) in results.reversed().enumerated() {
        sources[value] = CellBuilder.words(forDistance: distance + 1)
      }
      // A value from inside an earlier cell goes by its own name.
      for input in piece.flatMap({ nodes[$0].inputs })
      where sources[input] == nil && !piece.contains(input) {
        sources[input] = nodes[input].name
      }
      if let last = piece.last { results.append(last) }
      return .cell(cell(of: piece, sources: sources))
    }
  }

  private static func words(forDistance distance: Int) -> String {
    switch distance {
    case 1: "last"
    case 2: "2nd last"
    case 3: "3rd last"
    default: "\(distance)th last"
    }
  }

  /// One cell; `sources` names the values from outside that it reads.
  func cell(of layers: [Int], sources: [Int: String]) -> OutlineCell {
    let inside = Set(layers)
    let result = layers.last ?? 0
    // What only one layer reads is said on the way to that layer.
    let named = layers.filter { $0 == result || readers[$0] != 1 || nodes[$0].isJoin }
    var letters: [Int: String] = sources
    for (position, layer) in named.dropLast().enumerated() {
      letters[layer] = CellBuilder.letter(position)
    }
    let terms = named.map { layer in
      let chain = way(to: layer, inside: inside, letters: letters)
      let start = nodes[chain[0]]
      return OutlineCell.Term(
        letter: layer == result ? nil : letters[layer],
        captions: chain.map { nodes[$0].caption },
        operands: start.inputs.map { operand($0, inside: inside, letters: letters) }
      )
    }
    return OutlineCell(
      name: LayerNames.common(layers.map { nodes[$0].name }) ?? nodes[result].name,
      shape: nodes[result].shape,
      sources: sources.keys.sorted(by: >).filter { source in
        layers.contains { nodes[$0].inputs.contains(source) }
      }.compactMap { sources[$0] },
      terms: terms
    )
  }

  /// The layers in a row that end with `layer`, from behind the last named value or join.
  private func way(to layer: Int, inside: Set<Int>, letters: [Int: String]) -> [Int] {
    var chain = [layer]
    while let first = chain.first, !nodes[first].isJoin, let input = nodes[first].inputs.first,
      inside.contains(input), letters[input] == nil
    {
      chain.insert(input, at: 0)
    }
    return chain
  }

  private func operand(
    _ value: Int,
    inside: Set<Int>,
    letters: [Int: String]
  ) -> OutlineCell.Operand {
    if let letter = letters[value] { return OutlineCell.Operand(source: letter, captions: []) }
    let chain = way(to: value, inside: inside, letters: letters)
    let source = nodes[chain[0]].inputs.first.flatMap { letters[$0] } ?? ""
    return OutlineCell.Operand(source: source, captions: chain.map { nodes[$0].caption })
  }

  /// a … z, then a1 … z1 and so on.
  private static func letter(_ position: Int) -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    let round = position / letters.count
    return String(letters[position % letters.count]) + (round == 0 ? "" : "\(round)")
  }
}
