namespace RealRelationship.Storage.Encryption;

/// <summary>An encrypted column; each slice registers its own, so that key rotation finds them all.</summary>
/// <param name="Table">Name of the table.</param>
/// <param name="Key">Columns of the primary key, in order.</param>
/// <param name="Tenant">Column of the tenant, which is associated data.</param>
/// <param name="Column">The encrypted column; may be null.</param>
/// <param name="RowPath">The row path, also associated data, from the key values: each a <see cref="long"/>, a <see cref="string"/> or bytes.</param>
/// <remarks>The log holds a hash of the plaintext of such a row, never of the ciphertext, which rotation changes.</remarks>
public sealed record EncryptedColumn(string Table, IReadOnlyList<string> Key, string Tenant, string Column, Func<IReadOnlyList<object>, string> RowPath);
