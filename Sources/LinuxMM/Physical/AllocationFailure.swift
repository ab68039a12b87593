/// No free block of the wanted order in any permitted zone.
public struct AllocationFailure: Error, Sendable {
  public let order: PageOrder
}
