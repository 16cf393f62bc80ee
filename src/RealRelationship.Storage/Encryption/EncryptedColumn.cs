namespace RealRelationship.Storage.Encryption;

/// <summary>A column that is sealed; each slice names its own, so that rotation finds them all.</summary>
/// <param name="Table">Where it is.</param>
/// <param name="Key">The columns of the primary key, in order.</param>
/// <param name="Tenant">The column whose value is associated data.</param>
/// <param name="Column">The sealed one; it may be null.</param>
/// <param name="RowPath">The place that is associated data too, from the values of the key: each a <see cref="long"/>, a <see cref="string"/> or bytes.</param>
/// <remarks>What the log holds of such a row is a hash of what was sealed and never of the sealed bytes, which rotation changes.</remarks>
public sealed record EncryptedColumn(string Table, IReadOnlyList<string> Key, string Tenant, string Column, Func<IReadOnlyList<object>, string> RowPath);
