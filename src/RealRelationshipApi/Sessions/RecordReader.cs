using System.Buffers.Binary;
using System.Text;

namespace RealRelationshipApi.Sessions;

/// <summary>Reads what a <see cref="BinaryWriter"/> wrote. Texts and keys that were read before are the same objects: the scores of a patient share most of
/// theirs, and a site has many patients.</summary>
internal ref struct RecordReader
{
    private const int Remembered = 8;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly (int Start, int Length, string Text)[] _texts = new (int, int, string)[Remembered];
    private readonly (int Start, byte[] Key)[] _keys = new (int, byte[])[Remembered];
    private int _at;
    private int _textsRead;
    private int _keysRead;

    public RecordReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public byte ReadByte() => _bytes[_at++];

    public bool ReadBoolean() => ReadByte() != 0;

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double)));

    public long Read7BitEncodedInt64()
    {
        var (value, shift) = (0UL, 0);
        while (true)
        {
            var next = ReadByte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return (long)value;
            }

            shift += 7;
        }
    }

    public int Read7BitEncodedInt() => (int)Read7BitEncodedInt64();

    public string ReadString()
    {
        var length = Read7BitEncodedInt();
        var start = _at;
        var text = Take(length);
        for (var i = Math.Min(_textsRead, Remembered) - 1; i >= 0; i--)
        {
            var (earlier, earlierLength, known) = _texts[i];
            if (earlierLength == length && text.SequenceEqual(_bytes.Slice(earlier, length)))
            {
                return known;
            }
        }

        var read = Encoding.UTF8.GetString(text);
        _texts[_textsRead++ % Remembered] = (start, length, read);
        return read;
    }

    public Pseudonym ReadKey()
    {
        var start = _at;
        var key = Take(Pseudonym.Length);
        for (var i = Math.Min(_keysRead, Remembered) - 1; i >= 0; i--)
        {
            var (earlier, known) = _keys[i];
            if (key.SequenceEqual(_bytes.Slice(earlier, Pseudonym.Length)))
            {
                return new(known);
            }
        }

        var read = key.ToArray();
        _keys[_keysRead++ % Remembered] = (start, read);
        return new(read);
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        _at += length;
        return _bytes.Slice(_at - length, length);
    }
}
