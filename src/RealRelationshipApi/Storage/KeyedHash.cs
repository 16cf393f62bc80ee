using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RealRelationshipApi.Storage;

/// <summary>HMAC-SHA-256 over a sequence of values, each with its kind and length, so that no two sequences give the same bytes.</summary>
public sealed class KeyedHash
{
    public const int Length = HMACSHA256.HashSizeInBytes;

    private readonly byte[] _key;
    private readonly ArrayBufferWriter<byte> _bytes = new(512);

    internal KeyedHash(byte[] key) => _key = key;

    public KeyedHash Add(string? text)
    {
        if (text is null)
        {
            return AddNothing();
        }

        var length = Encoding.UTF8.GetByteCount(text);
        Head('t', length);
        _bytes.Advance(Encoding.UTF8.GetBytes(text, _bytes.GetSpan(length)));
        return this;
    }

    public KeyedHash Add(long? number) => number is { } value ? Head('i', value) : AddNothing();

    /// <summary>By its bits; −0 as 0, which SQLite makes of it (sqlite.org/datatype3.html: a REAL without a fraction is kept as an integer).</summary>
    public KeyedHash Add(double? number) => number is { } value ? Head('d', BitConverter.DoubleToInt64Bits(value + 0.0)) : AddNothing();

    public KeyedHash Add(ReadOnlySpan<byte> bytes)
    {
        Head('b', bytes.Length);
        _bytes.Write(bytes);
        return this;
    }

    public byte[] Finish() => HMACSHA256.HashData(_key, _bytes.WrittenSpan);

    private KeyedHash AddNothing() => Head('n', 0);

    private KeyedHash Head(char kind, long value)
    {
        var span = _bytes.GetSpan(1 + sizeof(long));
        span[0] = (byte)kind;
        BinaryPrimitives.WriteInt64LittleEndian(span[1..], value);
        _bytes.Advance(1 + sizeof(long));
        return this;
    }
}
