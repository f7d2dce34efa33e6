import Engine

/// The small AlexNet of the report on leaf diseases, in Keras' form: as Krizhevsky, Sutskever and
/// Hinton 2012 in its convolutions, with a 13x13 window at stride 3 for images of 280 pixels, and
/// dense layers of 128.
let alexNetMini = Architecture(
  name: "alexnet-mini",
  family: "alexnet",
  summary: "AlexNet's convolutions, first 13x13 at stride 3; dense 128, 128 (280x280, one output)",
  side: 280,
  classes: 1
) { (graph, outputs) throws(GraphError) in
  var layers = KerasSequence(graph)
  // The report pads with a layer of its own, which is the same.
  try layers.convolution(96, kernel: 13, stride: 3, padding: 3)
  try layers.maxPooling(3, stride: 2)
  try layers.convolution(256, kernel: 5, padding: 2)
  try layers.maxPooling(3, stride: 2)
  try layers.convolution(384, kernel: 3, padding: 1)
  try layers.convolution(384, kernel: 3, padding: 1)
  try layers.convolution(256, kernel: 3, padding: 1)
  try layers.maxPooling(2)
  try layers.flatten()
  try layers.dense(128)
  try layers.dense(128)
  return try layers.logits(outputs)
}
