"""HDF5 files that h5py wrote (kept here compressed): Keras models, Lambda layers, links to other files."""

import base64
import zlib

import pytest

from secmlops.release.scan import Limits, Verdict, scan_bytes

FILES = {
    "plain": """
eNrtWc9rE0EUntmkssS2pFjKGisNe/JQipYK0ksjJroHsWI9CCLpmkyTJdsN7m5aJQQ8xv/CY4/evXj02D/Fo7c4P960O2ugoSIofd/l5b15896QefOY
/eaTV3+8UKqUiIBtkyIpkywmgDtrpq7H90FSkGOQJ5a2X5NjDtjLEL9aUHoX7C9fNBrCe5KDzvNzRUmbIK4ivMbD50K+Al3X03fL9Dvst1nYPGZBp5sm
mbqsXTKvrtfxDaV/Afs88aC+F8gyr0qVt9WPDoKOsN+kVM4sn63BNs7JVxGzcH52njzafUoJTMj5CQzdVugnSTPyD5m7XXX32LsBi9LAD931qqvycvvQ
1Q6JsIf+BxYnXH09dPkKB6Ec6rHYTzZgTMw2ItdZlLBc0EEUpCLMJjf7rTQ48tOgHwnvmIUDd7QufnSCJGUxa+tI0SAMR29GI7l+vU1FkJsb9+4LCX8B
KYFMefZ+fBD2j01/7dfbvmvsz+king0EAoFAIBAIBAKBQPw/WNI8A+iaPzvnGRYlzyC/3ZtH/Mudf4DPwDMUMzyDJePVYNyW8d76rR6L2hfGKWXiFKSd
GryeXv/+stI/Al93Ea9HbpFMNsRVQ57X0+zz5xXTry1YqUw9en+Yd+/Zbp3KU6DwAOpWx8/XMWI6KO8G0/h9b1Xp78lsfeD0NvYB7AO/94GTiumn+d+/
1QdqjtkHuqCPK7hHs9xf8v/XPOyoeidxiHqZkU8E4nmG3zvI9HsHpcY+aFnI3EOK0j6nxqj2c4z5+t3BOpvvSNel6g5kqpGt62RrAjHnuFWMW5ZF1WpU
vAJ11szK1Bj/U/uQr+dvq1ibl8ePHd0WfgFfb8ro
    """,
    "fixed": """
eNrtWc9rE0EUntlNZYltSbGUNVYa9uShFC0VSi+NmOgexIr1IIikazJNlmw3uD/aSgh4jP+Fxx69e/HosX+KR29xZ+ZNu7NWWyqC0vdd3r43b94bdt48
dr/54DYezZSrZcJhWaREKiSPCeDOkq6r8R2QFOQY5JGh7NfEmA32CsSvmVLvgf3F82aTe08KUHm+L0hpEcRVhNt88IzLl6Crevpq6H57gw4LWgfM7/aS
OFeX9UvmVfU6viH1T2CfJi7U9wyZz6pS5m0Pwl2/y+03KREzKydrsLRz8pnHNE/PzuOHW08ogQkFP46h0w68OG6F3h5zNmrONnubsjDxvcBZrjkyb2Yf
Osoh5vbAe8eiOFNfDZ1shWkghvos8uIVGOOztcgNFsasEDQN/YSHWc3MXjvx973EH4TcO2JB6oyW+UPXjxMWsY6KFKZBMHo9Gon1q20qgVxduXefS3gF
pAwyybIPot1gcKD7K7/+xl1tf45n8WwgEAgEAoFAIBAIBOL/wZziGUBX/NkpzzAreAbx797az/7csx9wwTPQ3/IMpRzPYIh4dRi3RLw3XrvPws65ccq5
OKawU43XU+vfmZf6e+DrzuP1yC2Sy4a4aijyeop9/rig+3U4K5WrR/cP824/3WpQcQok1qFuVfxiHSPOBs26wVn8vrso9UNysT5wfBv7APaBn/vAUVX3
U/zv3+oDdVvvAz3Qx1Xco4t8vxTf1zTsqLwnsYm8mRFXBPx65tf3JJRq+6CkmfsOKQn7lByjys/W5qt7B+Nkvi1c52qbkKlO1q6TtQnEnMqsfNwwDCpX
I+OZ1F7SK1Nh/E/tQ7GevyxibV4e3zZVW/gBQ6HK5w==
    """,
    "latest": """
eNrtWM9rE0EUfrObhnXdhE2MUD2FhXoqJZYqGMQUGjSgGNRDQSlhTabpkuku7o9WCTkIXvofeFEQT96EHj148eBND71I/wJv4tVDnbczC5vY3LwU5oPd
nXlv3jdv3s7lfQed9u2SednUDQMynEj8vCDmDWlfijetbqf9UIPntg1waAvzW+k2NSAA6DmqCEtTeqxbADqUoAYFgN1gQFmvH/jb3hAuEQJIgw9J1xqg
8fcn/hzK6NReEOPHr79+vrPRvZfa7JxfxiDGTp+5UdTz3V3qNOvOI/osoX7sucxZrjtiY24fO9mCCO3MfUHDiE+fjB2eYsJS14iGbrQifRg9xdymfkRn
SBPfi5FmlZvdfuztubEX+Lg6pCxxJss4GHpRTEM6yJj8hLHJ1mSS5q/Jc8gjw+rK1Wv41bM6y2/Mdw/CbRbsT6/P1o2aDcjjexkUFBQUFBQUFBQUFBQU
FM4Muhudu1o1L1RksFrY/ZaFzpC27r093rjz/nuu0FDICQ04t24ghSEonrr9EfUHc4PNXDB23eeW3lWkQHJ6gkIiKdpIszBA9aBclfHt/1Ocb3/IFyzQ
xSoeYHb/4iLuXBISzD71hjtx9ECKNeRo61gk/wo1nA8z4o9I/XRa636m79QABG2qbES8cvBv5QgHTGs3eq6SQse48nvxepoOAUI4LUZpuR+VRtWAVOot
ENLVOqydh7UTTrXAc9VNg5dWJz/kOeysQh/P3o3fPH55c/6tL5axjvqo2XgjL1Pl/UFRjH61JMX6XxdV5Ng=
    """,
    "weights": """
eNrtmc8vA0EUx9/sarKpoqKpKhp/gSAk4tIKpQdBcOitSsePVLfSbdTRsf4LR0d/hj/Bn+Do6Fa7O+/VzmpCiJD0fS6vb/bNzG7nzcvkO7eF9Y2haDoK
HpYFAxCHIB3kKaP79PwQrUDbRntvUHvEf5bC9jiOP2Mq/wzbD/byeS+6E4LmuU8qawHTjxTyq7ueLaJP+fRo6HG1ekVelFry/PSs6QTyMvfNeSlf22N6
vseggPk9DAk3K6uyUXZKV7LhnNdtt31CCL9nvPsOlrZPBrwxzfe9s7m2syUAO4TiPBZm55c8S58bRduUtlNvnFzUW8rHIbu2ujKnfc/dCOcSwzAMwzAM
wzAMw/wVo6QzoE/6WQyVCwGWrzMclY+r0q58qi9EA/qC4bcLTYej+eIJ5c+hvvaZDveQhsBsTL8R1uFILd5N6nEVaTsykI+FH867v72zLvxdoHhGPY7G
D+cx0xsBZk89/nVS+dfwtTpwM811gOvAxzpQTOtxpD//Vh14GdfrQAoTeznNa/SV80b4/4rhigoYcs8bKVA3KSW7XJPedYp77oDe5w4htHUgawbOISa8
3wdSgMBKRP3pfsPo9k/5oaMzWZwpB4uDsNjBMSNuq/fcMAyh3kaNZ4rHjJ6ZRPtfrUM4ny+nODe/z0sWf+TeAHtkhYg=
    """,
    "lambda": """
eNrtmU9rE0EUwGd2U1liqymWssZKw548iFSJIIXSFBvdQ7FiPQgi6TaZNCGbXcwmTUspeIzfwmOPfgSPHv0oHr3F+fOm3VkDDRVByPsR8jJv3rzZ7Lx9
zL757G+/WMgX80TgOCRHCiTNGHiwarZ1/z5ICnIE8tzS+huyzwV9AfyXbNVugf7tm2pVWI8z6Hl+LSvpEGQW8atbr4V8B20dT98t064bN1hYG7L2Yauf
pOKycs15dbyO7qj2V9DPEx/ie4Es8ahU89bjqNk+FPq7lMqRhYtrcIzn5JPwaV8+Oy+f7+5QAgMydoJTrx4GSVKLgi7z1kveHvs4YFG/HYTew5Kn5uX6
Uy8MTlgv4T/fZ4fsBN2DRpAxbw6ier8dR2KAVx5Wtzgb3CYahKH6/nB2xj/6NudAPnn0+KmQ8BdIHmSfRUnca4bx0LTXdp31NfP+3sbYRhAEQRAEQRAE
QWaHRV1ngLaun13WGW7JOkOH9YKkdsRf8flL+xR1hlyqzmBJfxXod6S/g6DeYVHjSj/5lB9b6qlR19PXv78EdQuo111V1yP3SGo2ZNbI1vV09fnLsmnX
YFHCUvHo/+W8e692t6l8ChTPIG61/2wcI5OhPBtMqu/7K6p9TKbLAz/uYx7APPBnHjgvmna6fvyv8kDFNfNAC9qjIq7RNPuX7P2ahxVV5yQuUScz8kxC
HM/wfQeZvO+g1FgHLe3UPiQn9XOqj2o71xivzy2si/GuNF0sbcJMFVK+Scpj8DnHtaLfsiyqrkb5s6m7akamZvRfrUM2nr+tYGxen5+bOi38Bt/xtow=
    """,
    "extlink": """
eNrr9HBx4+WS4mIAAQ4OBhYGAQZk8B8KCphR+TD5BCjNCKU7oPQKJpg4C1hOAiouADVfAWpeAFQ8JMjVFdl8dHtGwcgGHq6O4KQSAeVzQOkTTKjqYOkw
gEr2MsFTLvaUyQV0CSOSejaoekYOB+bUihJeBob8kozUIr0MUwb9CqA4AF62PZQ=
    """,
    "external": """
eNrr9HBx4+WS4mIAAQ4OBhYGAQZk8B8KNrCi8mHyCVCaEUp3QOkVTDBxRrCcBFRcEGo+urqQIFdXkOr/aABmTwYLhOZgGAUjEXi4OgaA6AgoH5ZKTzCh
qqtAS48eFNrLyMAGMYsRxoekZEZGiAA0WcJpZqA8SEZQQR4qpsAgzsEgXg+VZwWmYJA8ExMT2AB2Bg0wnxGaVwxwpHOYfzmg9jMzwnKIAJrKCLrEgwRa
OAewoKrTTy1J1i9ILC4uTwHzg/38XUD+g/lLgXk0TZMDAAsPO6k=
    """,
    "dense": """
eNrtmO9LU1EYx59776ZzOp1zU5R+yI1IKMJf6ydazTmXig5nRGjIdc4azEnq0LLF6AcogRWY9CIIshcJEZEogfkyi3oRvusf0MyCot4EvbD7czvHOHBe
GPXifBl77v3ufO5zOHvO3e4z7vf6bNYSq2CxgKENXaHt2nm57q83VZxu9XvbeBix8sABuBxgAjjj0D7+rEfegV7EEHhgC3T328BaQ11rM6ec2DWPAzyO
6JEn+ALBNxF8M8HPIPiZBN9C8LMIvpXgZxP8HIJvI/i5BD+P4NsJfj7BdxD8AoLvJPguPSb1OCqGotLgYFdM6guLR0rFYPhCPBwbikhRcV+pGOqP9UbO
yf6oGJUuhgcG5cOOzUiz1NfdI20a3huPhYYi/TEFEKuH60/IqpHHxOLRqPZ+NpGQX0YtJm3AxMTExMTExMTExMTE9BflCwbrIV9/iuTkp/Nf6hM9NyzA
uPoML14fPe7zn/SkOhOqQsV6dOFdDkPLre8q2eJu3bfU5g+oLQ8+1ThAFj2gNzGMrzE1xoJHF2U2U7p9o/cPyuT4IdUhOu+xVHna/V75urzWsegpCxUY
OYwsiR+rTl9QHgWX9SaR0UPi/8gXgBE5h5FtVs+0G/C4vP/hnKe92SfnXVdGVitLALBQX+SEq4jxtSiwC65A2rjfuOGG54jxJBKvgTFlHm7NMJe7a2EH
YuQuDTXAHSFtxMPBFggiI6oumduhEbno1M7JU7CEIEefZnfAHsRY8M8noNCUNh5NrySgBJn6ytufCWhSRtRqxprpQRIWkbT1z6Qb8B0xxibqJqAQmcf0
YvIlzCMXfXHz/RvoRObx6vG2T7CKIK+L936BFgSZuz2zcezare7/byf4vcitSFmoyc71e4J85FTOpIrDUMxx6g6wpwpKrVP1eFYHlfaYADYN6uvvCUe7
tOYVkU4itIvdkZiY/v3+VzTzcWpckDeztv/LqbY/p25/g6mgYniMqaRiBIypomJMGFNNxZgxxk3FZGDMASomE2MOUjEWjDlExWRhDN0t3aoyqd8BukLI
xiG6SsjBIbpSsOEQXS3k4hBdMeThEF012HGIrhzycYiuHhw4RFcQxj9b+A0s8CA5
    """,
}


def file(name: str) -> bytes:
    return zlib.decompress(base64.b64decode("".join(FILES[name].split())))


@pytest.mark.parametrize("name", ["plain", "fixed", "latest", "weights"])
def test_models_and_weights_without_code_are_safe(name: str) -> None:
    report = scan_bytes("model.h5", file(name))
    assert (report.verdict, report.format, report.findings) == (Verdict.SAFE, "hdf5", ())


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("lambda", "keras-lambda"),
        ("dense", "keras-lambda"),
        ("extlink", "hdf5-external"),
        ("external", "hdf5-external"),
    ],
)
def test_code_and_other_files_are_dangerous(name: str, rule: str) -> None:
    report = scan_bytes("model.h5", file(name))
    assert report.verdict is Verdict.DANGEROUS
    assert rule in {finding.rule for finding in report.findings}


def test_cut_and_flipped_files_never_raise_and_cut_ones_are_not_safe() -> None:
    data = file("plain")
    for cut in range(8, 2048, 61):
        assert scan_bytes("model.h5", data[:cut]).verdict is not Verdict.SAFE
    for at in range(8, 1200, 7):
        flipped = bytearray(data)
        flipped[at] ^= 0xFF
        assert scan_bytes("model.h5", bytes(flipped)).verdict in set(Verdict)


def test_limits_and_user_block() -> None:
    assert scan_bytes("model.h5", file("plain"), Limits(nodes=5)).verdict is Verdict.CANNOT_TELL
    assert scan_bytes("model.h5", bytes(512) + file("plain")).verdict is not Verdict.SAFE
