using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RealRelationship.Storage.Encryption;

/// <summary>HMAC-SHA-256 over a sequence of values, each prefixed by type and length, so that the encoding is injective.</summary>
public sealed class KeyedHash
{
    public const int Length = HMACSHA256.HashSizeInBytes;

    private readonly PreparedHmac _key;
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(512);
    private int _length;

    internal KeyedHash(PreparedHmac key) => _key = key;

    public KeyedHash Add(string? text)
    {
        if (text is null)
        {
            return AddNull();
        }

        var length = Encoding.UTF8.GetByteCount(text);
        AddHeader('t', length);
        Encoding.UTF8.GetBytes(text, Reserve(length));
        return this;
    }

    public KeyedHash Add(long? number) => number is { } value ? AddHeader('i', value) : AddNull();

    /// <summary>Hashes the bits; −0 as 0, as SQLite stores it (sqlite.org/datatype3.html: a REAL without a fraction is stored as an integer).</summary>
    public KeyedHash Add(double? number) => number is { } value ? AddHeader('d', BitConverter.DoubleToInt64Bits(value + 0.0)) : AddNull();

    public KeyedHash Add(ReadOnlySpan<byte> bytes)
    {
        AddHeader('b', bytes.Length);
        bytes.CopyTo(Reserve(bytes.Length));
        return this;
    }

    /// <summary>Returns the hash; nothing can be added afterwards.</summary>
    public byte[] Finish()
    {
        var hash = _key.Hash(_bytes.AsSpan(0, _length));
        ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
        _bytes = [];
        return hash;
    }

    private KeyedHash AddNull() => AddHeader('n', 0);

    private KeyedHash AddHeader(char kind, long value)
    {
        var span = Reserve(1 + sizeof(long));
        span[0] = (byte)kind;
        BinaryPrimitives.WriteInt64LittleEndian(span[1..], value);
        return this;
    }

    private Span<byte> Reserve(int length)
    {
        ObjectDisposedException.ThrowIf(_bytes.Length == 0, this);
        if (_length + length > _bytes.Length)
        {
            var longer = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, _length + length));
            _bytes.AsSpan(0, _length).CopyTo(longer);
            ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
            _bytes = longer;
        }

        _length += length;
        return _bytes.AsSpan(_length - length, length);
    }
}
