namespace RealRelationshipApi.Sessions.Associations;

/// <summary>Contribution of one patient to a cell, in <see cref="FixedPoint"/>, so that it can be subtracted exactly.</summary>
/// <param name="Therapist">The therapist in whose sums the patient is included.</param>
/// <param name="Values">
/// Within clients: 1, sessions, centred cross-products (packed upper triangle), their outer product with themselves (packed).
/// Between clients: 1, sessions, 1 / sessions, the values, their cross-products (packed).
/// </param>
internal sealed record PatientContribution(Pseudonym Therapist, Int128[] Values)
{
    /// <summary>The patient, if the reader needs it; not part of the sums.</summary>
    public Pseudonym Patient { get; init; }

    public bool Equals(PatientContribution? other) => other is not null && Therapist == other.Therapist && Values.AsSpan().SequenceEqual(other.Values);

    public override int GetHashCode() => Therapist.GetHashCode();

    /// <summary>From the sessions of one client: at least two, each with the values of all variables.</summary>
    public static PatientContribution Within(Pseudonym stratum, IReadOnlyList<double[]> sessions)
    {
        var variables = sessions[0].Length;
        var products = new double[PackedLength(variables)];
        var means = Means(sessions);
        foreach (var session in sessions)
        {
            for (int i = 0, at = 0; i < variables; i++)
            {
                for (var j = i; j < variables; j++, at++)
                {
                    products[at] += (session[i] - means[i]) * (session[j] - means[j]);
                }
            }
        }

        var values = new Int128[2 + products.Length + PackedLength(products.Length)];
        (values[0], values[1]) = (FixedPoint.FromDouble(1), FixedPoint.FromDouble(sessions.Count));
        AddProducts(values.AsSpan(2), products);
        return new(stratum, values);
    }

    /// <summary>From the mean values of one client.</summary>
    public static PatientContribution Between(Pseudonym stratum, double sessions, double[] values)
    {
        var all = new Int128[3 + values.Length + PackedLength(values.Length)];
        (all[0], all[1], all[2]) = (FixedPoint.FromDouble(1), FixedPoint.FromDouble(sessions), FixedPoint.FromDouble(1 / sessions));
        AddProducts(all.AsSpan(3), values);
        return new(stratum, all);
    }

    public static double[] Means(IReadOnlyList<double[]> sessions)
    {
        var means = new double[sessions[0].Length];
        foreach (var session in sessions)
        {
            for (var i = 0; i < means.Length; i++)
            {
                means[i] += session[i] / sessions.Count;
            }
        }

        return means;
    }

    /// <summary>Length of the packed upper triangle of a square matrix, with its diagonal.</summary>
    public static int PackedLength(int side) => side * (side + 1) / 2;

    // The values and their products.
    private static void AddProducts(Span<Int128> target, double[] values)
    {
        var at = values.Length;
        for (var i = 0; i < values.Length; i++)
        {
            target[i] = FixedPoint.FromDouble(values[i]);
            for (var j = i; j < values.Length; j++)
            {
                target[at++] = FixedPoint.FromDouble(values[i] * values[j]);
            }
        }
    }
}
