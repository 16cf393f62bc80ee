using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Sessions.Disclosure;

/// <summary>Whether one patient or therapist accounts for most of a correlation, so that the published number is nearly their own.</summary>
/// <remarks>
/// <code>
/// m_i = Σ_t d_it d_it'         cross-products of patient i, centred within the patient, or of the means within the therapist
/// c_i = cross-product of x and y in m_i after the regression on the covariate, with the pooled coefficients
/// share of i = |c_i| / Σ|c|    at most .5 for a patient, .8 for a therapist
/// </code>
/// The dominance rule of cell suppression, for a sum of products instead of magnitudes (Hundepool et al. 2012, Statistical Disclosure Control, 4.2).
/// </remarks>
internal sealed class Dominance
{
    private const double MaxPatientShare = 0.5;
    private const double MaxTherapistShare = 0.8;

    private readonly int _variables;
    private readonly bool _isWithin;
    private readonly Dictionary<Pseudonym, double[]> _means;
    private readonly double _xSlope;
    private readonly double _ySlope;
    private readonly Dictionary<Pseudonym, double> _byTherapist = [];
    private double _largest;

    /// <param name="sums">The sums over the patients that are to be released.</param>
    public Dominance(AssociationSums sums)
    {
        (_variables, _isWithin) = (sums.Association.Variables, sums.IsWithin);
        _means = _isWithin ? [] : sums.ByTherapist.ToDictionary(s => s.Key, s => Means(s.Value.Values));
        if (_variables > 2)
        {
            var pooled = sums.ByTherapist.Select(s => PooledProducts(s.Key, s.Value.Values)).Aggregate(Add);
            var covariate = pooled[Index(2, 2)];
            (_xSlope, _ySlope) = covariate > 0 ? (pooled[Index(0, 2)] / covariate, pooled[Index(1, 2)] / covariate) : (0, 0);
        }
    }

    /// <summary>Adds a patient that is to be released.</summary>
    public void Add(PatientContribution contribution)
    {
        var share = Math.Abs(Residual(_isWithin ? ReadPacked(contribution.Values, 2) : OuterProduct(contribution)));
        _largest = Math.Max(_largest, share);
        _byTherapist[contribution.Therapist] = _byTherapist.GetValueOrDefault(contribution.Therapist) + share;
    }

    public bool Exceeds => _byTherapist.Values.Sum() is var total
        && (_largest > MaxPatientShare * total || _byTherapist.Values.DefaultIfEmpty().Max() > MaxTherapistShare * total);

    private double Residual(double[] products) => _variables == 2 ? products[Index(0, 1)]
        : products[Index(0, 1)] - (_ySlope * products[Index(0, 2)]) - (_xSlope * products[Index(1, 2)]) + (_xSlope * _ySlope * products[Index(2, 2)]);

    private double[] OuterProduct(PatientContribution contribution)
    {
        var means = _means[contribution.Therapist];
        double Deviation(int variable) => FixedPoint.ToDouble(contribution.Values[3 + variable]) - means[variable];
        var products = new double[PatientContribution.PackedLength(_variables)];
        for (int i = 0, at = 0; i < _variables; i++)
        {
            for (var j = i; j < _variables; j++, at++)
            {
                products[at] = Deviation(i) * Deviation(j);
            }
        }

        return products;
    }

    private double[] PooledProducts(Pseudonym therapist, Int128[] values)
    {
        if (_isWithin)
        {
            return ReadPacked(values, 2);
        }

        var (products, means, clients) = (ReadPacked(values, 3 + _variables), _means[therapist], FixedPoint.ToDouble(values[0]));
        for (int i = 0, at = 0; i < _variables; i++)
        {
            for (var j = i; j < _variables; j++, at++)
            {
                products[at] -= clients * means[i] * means[j];
            }
        }

        return products;
    }

    private double[] Means(Int128[] values) =>
        [.. Enumerable.Range(3, _variables).Select(i => FixedPoint.ToDouble(values[i]) / FixedPoint.ToDouble(values[0]))];

    private double[] ReadPacked(Int128[] values, int from) =>
        Array.ConvertAll(values[from..(from + PatientContribution.PackedLength(_variables))], FixedPoint.ToDouble);

    private static double[] Add(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    // Of a packed upper triangle with its diagonal.
    private int Index(int row, int column) => (row * _variables) - (row * (row - 1) / 2) + column - row;
}
