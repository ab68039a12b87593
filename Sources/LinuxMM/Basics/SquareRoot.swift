/// The largest integer whose square is at most `value`. Linux: `int_sqrt`.
func squareRoot(_ value: Int) -> Int {
  var root = 0
  var bit = 1 << 30
  while bit > 0 {
    let candidate = root + bit
    if candidate * candidate <= value { root = candidate }
    bit >>= 1
  }
  return root
}
