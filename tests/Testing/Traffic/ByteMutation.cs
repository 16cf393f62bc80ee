namespace RealRelationship.Testing.Traffic;

/// <summary>Small changes to a valid body.</summary>
internal static class ByteMutation
{
    /// <summary>Flips, removes, swaps, repeats or replaces bytes, one to four times.</summary>
    public static byte[] Mutate(byte[] valid, Random chance)
    {
        var body = valid.ToList();
        for (var changes = 1 + chance.Next(4); changes > 0 && body.Count > 1; changes--)
        {
            var (at, other) = (chance.Next(body.Count), chance.Next(body.Count));
            switch (chance.Next(5))
            {
                case 0:
                    body[at] ^= (byte)(1 << chance.Next(8));
                    break;
                case 1:
                    body.RemoveRange(at, Math.Min(1 + chance.Next(8), body.Count - at));
                    break;
                case 2:
                    (body[at], body[other]) = (body[other], body[at]);
                    break;
                case 3:
                    body.InsertRange(at, body.GetRange(other, Math.Min(1 + chance.Next(8), body.Count - other)));
                    break;
                default:
                    body[at] = "0123456789-+.eE{}[]\",:\\ntf\0\n"u8.ToArray()[chance.Next(27)];
                    break;
            }
        }

        return [.. body];
    }
}
